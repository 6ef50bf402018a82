import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { filesAside } from '../../src/logs/log-files.ts'
import { LogKeeper } from '../../src/logs/log-keeper.ts'
import { until } from '../support/node.ts'
import { temporaryFolder } from '../support/temporary.ts'

const entry = createRequire(import.meta.url).resolve('#log-keeper')
const day = 24 * 60 * 60 * 1000

function keeperIn(folder: string, fileSize = 64 * 1024, pipes = join(folder, 'pipes')) {
  const problems: { message: string; facts: object }[] = []
  const keeper = new LogKeeper({
    entry,
    logs: folder,
    pipes,
    policy: { fileSize, fileAge: day, keptSize: 1e9, keptFor: day },
    problem: (message, facts) => problems.push({ message, facts }),
  })
  onTestFinished(() => keeper.close())
  return { keeper, problems, log: join(folder, 'samples_echo.log') }
}

/** A process that prints into the pipe and ends. */
async function print(pipe: string, script: string): Promise<void> {
  const output = openSync(pipe, 'a')
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', output, output] })
  closeSync(output)
  await once(child, 'exit')
}

const whole = (log: string): string => [...filesAside(log), log].map((file) => readFileSync(file, 'utf8')).join('')
const counting = (to: number): string => `for (let n = 0; n < ${to}; n++) console.log('line ' + n)`
const counted = (to: number): string => Array.from({ length: to }, (_, n) => `line ${n}\n`).join('')

describe('the keeper of logs', () => {
  it('writes all that is printed into files of the size given, after the line that marks the start', async () => {
    const { keeper, log } = keeperIn(temporaryFolder())
    await print(await keeper.begin(log, 'the first start'), counting(20_000))
    await keeper.flush(log)
    expect(whole(log)).toBe(`\u001ethe first start\n${counted(20_000)}`)
    expect(filesAside(log).length).toBeGreaterThan(2)
    for (const file of filesAside(log)) expect(statSync(file).size).toBeLessThanOrEqual(64 * 1024)
  })

  it('lets no service forge the mark of a start', async () => {
    const { keeper, log } = keeperIn(temporaryFolder())
    await print(await keeper.begin(log, 'start'), `console.log('\\u001efalse start')`)
    await keeper.begin(log, 'start')
    await keeper.flush(log)
    expect(whole(log)).toBe('\u001estart\n?false start\n\u001estart\n')
  })

  it('says so when the system can make no pipe there', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'pipes'), 'in the way')
    const { keeper, log } = keeperIn(folder, 1000, join(folder, 'pipes', 'below'))
    await expect(keeper.begin(log, 'start')).rejects.toMatchObject({ code: 'ENOTDIR' })
    await keeper.flush(log)
  })

  it('that was killed is replaced, and what is in the pipe is not lost', async () => {
    const { keeper, log, problems } = keeperIn(temporaryFolder())
    const pipe = await keeper.begin(log, 'start')
    await keeper.flush(log)
    const printing = print(
      pipe,
      `for (let n = 0; n < 20000; n++) { console.log('line ' + n); if (n === 5000) process.kill(${keeper.pid}, 'SIGKILL') }`,
    )
    await printing
    await until(() => problems.length === 1, 'the keeper was replaced')
    await until(() => whole(log).endsWith('line 19999\n'), 'all lines are there')
    // The one that was killed may have read what it hadn't written yet: at most one buffer of it.
    const lines = whole(log).split('\n').length - 2
    expect(lines).toBeGreaterThan(20_000 - (64 * 1024) / 10)
  })

  it('that was killed is replaced by one, also when a log begins at that moment', async () => {
    const { keeper, problems, log } = keeperIn(temporaryFolder())
    await keeper.begin(log, 'a start')
    const killed = keeper.pid as number
    process.kill(killed, 'SIGKILL')
    await until(() => problems.length > 0, 'it is missed')
    await keeper.begin(`${log}.other.log`, 'another start')
    const next = keeper.pid
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(keeper.pid).toBe(next)
  })

  it('is ended when somebody holds a pipe for ever, so that its node can end', { timeout: 30_000 }, async () => {
    const { keeper, log } = keeperIn(temporaryFolder())
    const held = openSync(await keeper.begin(log, 'a start'), 'a')
    onTestFinished(() => closeSync(held))
    const pid = keeper.pid as number
    await keeper.close()
    expect(existsSync(`/proc/${pid}`)).toBe(false)
  })

  it('ends by itself when its node is gone, with everything written', async () => {
    const folder = temporaryFolder()
    const log = join(folder, 'samples_echo.log')
    const module = new URL('../../dist/logs/log-keeper.js', import.meta.url).href
    const node = `
      const { LogKeeper } = await import(${JSON.stringify(module)})
      const { spawn } = await import('node:child_process')
      const { openSync } = await import('node:fs')
      const keeper = new LogKeeper({ entry: ${JSON.stringify(entry)}, logs: ${JSON.stringify(folder)}, pipes: ${JSON.stringify(join(folder, 'pipes'))},
        policy: { fileSize: 1e6, fileAge: 1e9, keptSize: 1e9, keptFor: 1e9 }, problem: () => {} })
      const output = openSync(await keeper.begin(${JSON.stringify(log)}, 'start'), 'a')
      spawn(process.execPath, ['-e', ${JSON.stringify(counting(5000))}], { stdio: ['ignore', output, output] })
        .on('exit', () => { process.stdout.write(String(keeper.pid)); process.kill(process.pid, 'SIGKILL') })`
    const child = spawn(process.execPath, ['--input-type=module', '-e', node], { stdio: ['ignore', 'pipe', 'inherit'] })
    let pid = ''
    child.stdout.on('data', (chunk: Buffer) => {
      pid += chunk.toString()
    })
    await once(child, 'close')
    await until(() => !existsSync(`/proc/${pid}`), 'the keeper has ended')
    expect(whole(log)).toBe(`\u001estart\n${counted(5000)}`)
  })
})
