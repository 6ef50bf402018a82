import { describe, expect, it } from 'vitest'
import { startNode } from '../support/node.ts'

describe('a deploy', () => {
  it('ends with a service that is ready and answers', async () => {
    const { deploy, call, node } = await startNode()
    const report = await deploy({ service: 'Samples/Echo' })
    console.log(JSON.stringify(report, undefined, 1))
    expect(report).toMatchObject({ status: 'CLOSED', outcome: 'done' })
    expect(await call('/Samples/Echo', 'version')).toMatchObject({ status: 200, value: '1' })
    console.log(node.list(), node.view())
  })
})
