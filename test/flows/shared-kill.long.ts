import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { NodeView } from '../../src/container/views.ts'
import { dhn } from '../support/dhn.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { archiveOf } from '../support/test-service.ts'

const callers = 8

it('a node that is killed has every shared value that it acknowledged, and no lease, with one front and with several', async () => {
  const folder = temporaryFolder()
  const home = join(folder, 'home')
  const run = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await dhn(words, { home })
    if (code !== 0) throw new Error(stderr || stdout)
    return stdout
  }
  const start = async (fronts: number): Promise<NodeView> => {
    const ports = ['--port', '0', '--nosec-port', '0', '--nosec']
    const options = ['-o', `/DHN/Fronts=${fronts}`, '-o', '/DHN/Instances/Of=test_shares:2']
    await run('start', '--detach', ...ports, ...options)
    return JSON.parse(await run('status', '--json')) as NodeView
  }
  onTestFinished(async () => void (await dhn(['stop'], { home })))

  const { name, bytes } = archiveOf({
    service: 'Test/Shares',
    globals: { stateless: 'true' },
    wsdd: { scope: 'Application' },
    body: `
      init({ shared }) { this.shared = shared }
      async export_set(key, value) { await this.shared.set(key, value); return S_OK(value) }
      async export_get(key) { return S_OK(await this.shared.get(key)) }
      async export_hold() { return S_OK((await this.shared.lease('work', { ttl: 3_600_000 })) !== undefined) }`,
  })
  writeFileSync(join(folder, name), bytes)

  let node = await start(1)
  await run('deploy', join(folder, name), '--nosec')
  const call = async (method: string, ...args: readonly unknown[]): Promise<unknown> => {
    const body = new URLSearchParams({ method, args: JSON.stringify(args) })
    const address = node.addresses.find((each) => each.startsWith('http:'))
    const response = await fetch(`${address}/Test/Shares`, { method: 'POST', body })
    if (response.status !== 200) throw new Error(`status ${response.status}`)
    return ((await response.json()) as { Value: unknown }).Value
  }

  /** The last value of each caller that was acknowledged, and the one after it, which may have been written. */
  const kept = new Array<number>(callers).fill(0)
  for (const fronts of [1, 2, 1]) {
    expect(await call('hold')).toBe(true)
    expect(await call('hold')).toBe(false)
    const writing = kept.map(async (_, caller) => {
      try {
        for (;;) kept[caller] = (await call('set', `caller-${caller}`, (kept[caller] as number) + 1)) as number
      } catch {
        // The node is gone.
      }
    })
    const enough = kept.map((count) => count + 5)
    await expect
      .poll(() => kept.every((count, caller) => count >= (enough[caller] as number)), { timeout: 10_000 })
      .toBe(true)
    process.kill(node.pid, 'SIGKILL')
    await Promise.all(writing)
    node = await start(fronts)
    for (const [caller, count] of kept.entries()) {
      const found = (await call('get', `caller-${caller}`)) as number
      expect([count, count + 1]).toContain(found)
      kept[caller] = found
    }
  }
  expect(await call('hold')).toBe(true)
  expect(await run('ri', 'show', 'Test/Shares')).toMatch(/^shared +8 keys of \d+ B, 1 lease$/m)
}, 60_000)
