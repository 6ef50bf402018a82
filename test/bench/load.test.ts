import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nodeLoad } from '../../bench/harness/node-load.ts'

/** Answers every third call with 503. */
async function faultyServer(): Promise<string> {
  let calls = 0
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      calls += 1
      response.writeHead(calls % 3 === 0 ? 503 : 200).end('x')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/`
}

describe('the load', () => {
  it('tells failed calls by their status, and ends early when it is asked to', async () => {
    const url = await faultyServer()
    const load = nodeLoad.start(
      { url, contentType: 'text/plain', body: 'x', expected: 'x' },
      { connections: 1, seconds: 60, cpu: 0 },
    )
    setTimeout(() => load.stop(), 500)
    const { calls, failed, statuses, seconds } = await load.result
    // The last call may be on its way when it ends.
    expect(Math.abs(failed - calls / 3)).toBeLessThanOrEqual(1)
    expect(statuses).toEqual(failed === 0 ? {} : { 503: failed })
    expect(seconds).toBeLessThan(30)
  })
})
