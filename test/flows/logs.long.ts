import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { filesAside } from '../../src/logs/log-files.ts'
import { commandLine } from '../support/command-line.ts'
import { composeNode } from '../support/composed.ts'
import { dhn } from '../support/dhn.ts'
import { until } from '../support/node.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { archiveOf } from '../support/test-service.ts'

const logs = { fileSize: 16 * 1024, fileAge: 1e9, keptSize: 1e6, keptFor: 1e9 }

const talker = archiveOf({
  service: 'Samples/Talker',
  body: `
  export_fill() { const all = []; for (;;) all.push(new Array(10_000).fill(all.length + 0.5)) }
  export_say(text) { console.log(text); return S_OK(text) }
  export_count(to) { for (let n = 0; n < to; n++) console.log('line ' + n); return S_OK(to) }`,
})

/** A node with a service that prints what it is told to. */
async function talkingNode() {
  const { composed, home } = await composeNode({
    configuration: {
      logs,
      heapMegabytes: 64,
      restart: { firstDelay: 10, longestDelay: 20, jitter: 0, healthyAfter: 1e5, giveUp: { failures: 9, within: 1e5 } },
    },
  })
  const view = await composed.start()
  const address = view.addresses.find((one) => one.startsWith('http://')) as string
  const file = join(temporaryFolder(), talker.name)
  writeFileSync(file, talker.bytes)
  const deployed = await commandLine(['deploy', file, '--nosec'], { home })
  expect(deployed.code, deployed.stderr).toBe(0)
  const call = async (method: string, arg: unknown): Promise<void> => {
    const body = new URLSearchParams({ method, args: JSON.stringify([arg]) })
    await fetch(`${address}/Samples/Talker`, { method: 'POST', body }).then((answer) => answer.text())
  }
  const printed = async (...words: string[]): Promise<string> =>
    (await commandLine(['ri', 'logs', 'Samples/Talker', ...words], { home })).stdout
  const state = async (): Promise<string> =>
    JSON.parse((await commandLine(['ri', 'show', 'Samples/Talker', '--json'], { home })).stdout).state
  return { composed, home, call, printed, state, log: join(home, 'var', 'log', 'samples_talker.log') }
}

it('a full heap is told as such: V8 says it in the log, which another process writes', async () => {
  const { home, call } = await talkingNode()
  await call('fill', 0)
  const frozen = async () => {
    const { stdout } = await commandLine(['ri', 'flight', 'Samples/Talker', '--json'], { home })
    expect(JSON.parse(stdout).error).toBeUndefined()
    return JSON.parse(stdout).frozen[0]
  }
  let failure = await frozen()
  while (failure === undefined) failure = await frozen()
  expect(failure.cause.code).toBe('DHN_PLACE_OUT_OF_MEMORY')
  const shown = await commandLine(['ri', 'flight', 'Samples/Talker', '--failure', '1'], { home })
  expect(shown.stdout).toMatch(/CALLS INSIDE|DHN_PLACE_OUT_OF_MEMORY/)
  expect(shown.stdout).toMatch(/Samples\/Talker +fill +\d/)
})

describe('dhn ri logs', () => {
  it('prints the log in parts, harmless to a terminal, over rotation and a crash', async () => {
    const { home, call, printed, state, log } = await talkingNode()
    await call('say', 'first \u001b[2Jrun\rgone')
    expect(await printed('--lines', '1')).toBe('first run?gone\n')
    expect(JSON.parse(await printed('--lines', '1', '--json'))).toBe('first \u001b[2Jrun\rgone')
    await expect(printed('--previous')).resolves.toBe('')
    await call('crash', 0)
    for (let now = ''; now !== 'ready'; ) now = await state()
    await call('count', 3000)
    expect((await printed('--lines', '3000')).split('\n').slice(0, -1)).toEqual(
      Array.from({ length: 3000 }, (_, n) => `line ${n}`),
    )
    expect(filesAside(log).length).toBeGreaterThan(0)
    for (const file of filesAside(log)) expect(statSync(file).size).toBeLessThanOrEqual(logs.fileSize)
    const previous = await printed('--previous')
    expect(previous).toMatch(/^\S+ INFO {2}dhn: start of samples_talker [0-9a-f]{12} open\n/)
    expect(previous).toContain('first run?gone')
    expect(previous).not.toContain('line 0')
    expect(await printed('--since', '1h', '--lines', '1')).toBe('line 2999\n')
    expect((await commandLine(['ri', 'logs', 'Samples/Talker', '--since', 'soon'], { home })).code).toBe(2)
    await commandLine(['undeploy', 'samples_talker'], { home })
    expect(await printed('--lines', '1')).toBe('line 2999\n')
  })

  it('follows over rotation and a restart', async () => {
    const { composed, home, call, log } = await talkingNode()
    let seen = ''
    const following = dhn(['ri', 'logs', 'Samples/Talker', '-f', '--lines', '0'], {
      home,
      begun(child) {
        child.stdout?.on('data', (chunk: Buffer) => {
          seen += chunk.toString()
        })
        onTestFinished(() => void child.kill())
      },
    })
    while (!seen.includes('here')) await call('say', 'here')
    await call('count', 3000)
    await until(() => seen.includes('line 2999'), 'it follows')
    await commandLine(['ri', 'restart', 'Samples/Talker'], { home })
    await call('say', 'after the restart')
    await until(() => seen.includes('after the restart'), 'it follows over the restart')
    expect(filesAside(log).length).toBeGreaterThan(0)
    expect(seen.match(/^line \d+$/gm)).toEqual(Array.from({ length: 3000 }, (_, n) => `line ${n}`))
    await composed.stop()
    expect((await following).code).not.toBe(2)
  })
})
