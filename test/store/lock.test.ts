import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Home } from '../../src/store/home.ts'
import { lockHome } from '../../src/store/lock.ts'
import { temporaryFolder } from '../support/temporary.ts'

const lockModule = new URL('../../dist/store/lock.js', import.meta.url).href
const homeModule = new URL('../../dist/store/home.js', import.meta.url).href

/** A process that tries to lock a home when it is told `go`, says `won` or the error's code, and stays. */
async function contender(root: string): Promise<{ readonly child: ChildProcess; go(): Promise<string> }> {
  const script = `
    import { lockHome } from '${lockModule}'
    import { Home } from '${homeModule}'
    process.stdin.once('data', async () => {
      const said = await lockHome(new Home(${JSON.stringify(root)})).then(() => 'won', (error) => error.code ?? String(error))
      process.stdout.write(said)
    })
    process.stdout.write('up')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return {
    child,
    async go() {
      child.stdin.write('go')
      const [said] = await once(child.stdout, 'data')
      return String(said)
    },
  }
}
const own = (home: Home) => JSON.parse(readFileSync(home.run('lock'), 'utf8'))
function staleLock(home: Home, change: object): void {
  mkdirSync(home.run(), { recursive: true })
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  writeFileSync(home.run('lock'), JSON.stringify({ pid: process.pid, start: '1', boot, nonce: 'stale', ...change }))
}

describe('the lock of a home', () => {
  it('keeps a second one out, names the first, and can be had again when it is released', async () => {
    const home = new Home(temporaryFolder())
    const lock = await lockHome(home)
    await expect(lockHome(home)).rejects.toMatchObject({
      code: 'DHN_HOME_LOCKED',
      pid: process.pid,
      home: home.root,
      message: `the home ${home.root} is in use by the node with process id ${process.pid}`,
    })
    await lock.release()
    await lock.release()
    await (await lockHome(home)).release()
    expect(readdirSync(home.run())).toEqual([])
  })

  it('keeps another process out, and is taken over when that process was killed', async () => {
    const home = new Home(temporaryFolder())
    const { child, go } = await contender(home.root)
    expect(await go()).toBe('won')
    await expect(lockHome(home)).rejects.toMatchObject({ code: 'DHN_HOME_LOCKED', pid: child.pid })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const lock = await lockHome(home)
    expect(own(home).pid).toBe(process.pid)
    await lock.release()
  })

  it.each([
    ['a process id that another process has now', {}],
    ['a process that has ended', { pid: 2 ** 22 - 1 }],
    ['an earlier boot', { boot: 'another' }],
  ])('is taken over from %s', async (_, change) => {
    const home = new Home(temporaryFolder())
    staleLock(home, change)
    const lock = await lockHome(home)
    expect(own(home).nonce).not.toBe('stale')
    await lock.release()
    expect(readdirSync(home.run())).toEqual([])
  })

  it.each(['', '{', 'null', '{"pid":"x"}', '{"pid":1,"nonce":"../../x"}'])(
    'is taken over when it says %j',
    async (text) => {
      const home = new Home(temporaryFolder())
      mkdirSync(home.run())
      writeFileSync(home.run('lock'), text)
      await (await lockHome(home)).release()
    },
  )

  it('is taken over though the one that was taking it over was killed', async () => {
    const home = new Home(temporaryFolder())
    staleLock(home, {})
    writeFileSync(home.run('.lock-after-stale'), readFileSync(home.run('lock'), 'utf8').replace('stale', 'claim'))
    await (await lockHome(home)).release()
    expect(readdirSync(home.run())).toEqual([])
  })

  it('removes what was left by those who were killed while they tried, and nothing of one who tries', async () => {
    const home = new Home(temporaryFolder())
    staleLock(home, {})
    const dead = readFileSync(home.run('lock'), 'utf8')
    const [left, alive, empty, justMade] = ['.lock-left', '.lock-alive', '.lock-empty', '.lock-just-made'].map((name) =>
      home.run(name),
    ) as [string, string, string, string]
    writeFileSync(left, dead)
    const lock = await lockHome(home)
    writeFileSync(alive, readFileSync(home.run('lock')))
    await lock.release()
    writeFileSync(left, dead)
    writeFileSync(empty, '')
    utimesSync(empty, new Date(0), new Date(0))
    writeFileSync(justMade, '')
    await (await lockHome(home)).release()
    expect(
      readdirSync(home.run())
        .map((name) => home.run(name))
        .sort(),
    ).toEqual([alive, justMade])
  })

  it('removes what its owner before has half written', async () => {
    const home = new Home(temporaryFolder())
    mkdirSync(home.run(), { recursive: true })
    for (const name of ['.fd9b63ab-a316-4eb5-953a-acb60c87e627.new', '.else.new', 'configuration.json'])
      writeFileSync(home.run(name), '')
    const lock = await lockHome(home)
    expect(readdirSync(home.run()).sort()).toEqual(['.else.new', 'configuration.json', 'lock'])
    await lock.release()
  })

  it('goes to exactly one of many that try at once, whether it is free or stale', async () => {
    for (const stale of [false, true, true]) {
      const home = new Home(temporaryFolder())
      if (stale) staleLock(home, {})
      const contenders = await Promise.all(Array.from({ length: 5 }, () => contender(home.root)))
      const said = await Promise.all(contenders.map(({ go }) => go()))
      expect(said.sort()).toEqual([...Array(4).fill('DHN_HOME_LOCKED'), 'won'])
      for (const { child } of contenders) child.kill('SIGKILL')
    }
  })

  it('goes to exactly one of a hundred tries in one process, again and again', async () => {
    for (let round = 0; round < 5; round++) {
      const home = new Home(temporaryFolder())
      staleLock(home, {})
      const tries = await Promise.allSettled(Array.from({ length: 100 }, () => lockHome(home)))
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    }
  })
})
