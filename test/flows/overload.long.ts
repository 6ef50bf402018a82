import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { composeNode } from '../support/composed.ts'
import { deployTo } from '../support/deploy-to.ts'
import { call, postText } from '../support/doors.ts'
import { until } from '../support/node.ts'

const MiB = 1024 * 1024

/** Asks and doesn't wait: what comes back is the first line of the answer. */
function ask(port: number, text: string): { readonly answer: Promise<string>; end(): void } {
  const socket = connect(port, '127.0.0.1', () => socket.write(text))
  const answer = new Promise<string>((resolve) => {
    socket.once('data', (chunk) => resolve(chunk.toString('latin1').split('\r\n')[0] as string))
    socket.once('close', () => resolve('closed')).on('error', () => undefined)
  })
  return { answer, end: () => socket.destroy() }
}

describe('a service that blocks', () => {
  it('fills neither the node nor the room of its neighbour', async () => {
    const calls = 40
    const limits = { start: 15_000, ready: 10_000, callback: 5_000, gates: 10_000, drain: 100, stop: 100 }
    const { composed, home } = await composeNode({
      configuration: { limits, traffic: { calls, bytes: 8 * MiB, nodeBytes: 64 * MiB } },
    })
    await composed.start()
    const stuck = {
      service: 'Samples/Stuck',
      body: 'export_block() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) }',
    }
    const [blocked] = await deployTo(home, stuck)
    const [echo] = await deployTo(home, { service: 'Samples/Echo' })
    const port = Number(new URL(echo as string).port)
    const path = new URL(blocked as string).pathname

    const asked = [ask(port, postText(call('block'), [], path))]
    const before = process.memoryUsage()
    // 200 MiB for a service that reads nothing of it: 8 MiB are taken, at most 40 calls.
    const text = postText(call('echo', ['x'.repeat(MiB)]), [], path)
    for (let each = 0; each < 200; each++) asked.push(ask(port, text))
    const refused = new Set<string>()
    for (const { answer } of asked.slice(1)) void answer.then((line) => refused.add(line))
    await until(() => refused.size > 0, 'calls are refused')

    const answers: unknown[][] = []
    const askAgainAndAgain = async (): Promise<void> => {
      for (let each = 0; each < 10; each++) {
        const answer = await fetch(echo as string, { method: 'POST', body: new URLSearchParams(call('echo', ['x'])) })
        answers.push([answer.status, await answer.json()])
      }
    }
    await Promise.all(Array.from({ length: 10 }, askAgainAndAgain))
    expect(answers.filter(([status]) => status !== 200)).toEqual([])
    expect(answers.length).toBe(100)
    expect([...refused]).toEqual(['HTTP/1.1 503 Service Unavailable'])
    const { external, heapUsed } = process.memoryUsage()
    expect(external + heapUsed - before.external - before.heapUsed).toBeLessThan(100 * MiB)
    for (const { end } of asked) end()
  }, 30_000)
})
