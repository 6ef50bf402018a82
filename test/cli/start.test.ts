import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isAlive } from '../../src/cli/processes.ts'
import { dhn, type Ran } from '../support/dhn.ts'
import { initializedHomes } from '../support/home.ts'
import { temporaryFolder } from '../support/temporary.ts'

const freePorts = ['--port', '0', '--nosec-port', '0']

const homes = initializedHomes()

/** A home that is gone after the test, and no node that is left there. */
function homeOfATest(home = homes()): string {
  onTestFinished(async () => {
    await dhn(['stop'], { home })
  })
  return home
}

describe('a node in front', () => {
  it('makes its home, says where it is, and stops with SIGTERM', async () => {
    const home = homeOfATest(join(temporaryFolder(), 'home'))
    const { code, stdout, stderr } = await dhn(['start', ...freePorts], {
      home,
      begun: (child) => child.stdout?.once('data', () => child.kill('SIGTERM')),
    })
    expect(stdout).toMatch(/^https:\/\/localhost:\d+\nhttp:\/\/localhost:\d+\n$/)
    expect(stderr).toContain(`made a home at ${home}; settings are in etc/dhn.cfg\n`)
    expect(stderr).toMatch(
      /\nprocess \d+ is running; SIGTERM or Ctrl-C stops it\nSIGTERM: (.*\n)+stopped in [\d.]+ m?s\n$/,
    )
    expect(code).toBe(0)
  })

  it('is refused a home that another one has, with that one named', async () => {
    const home = homeOfATest()
    const first = await dhn(['start', '--detach', '--json', ...freePorts], { home })
    const { pid } = JSON.parse(first.stdout)
    const second = await dhn(['start', ...freePorts], { home })
    expect(second).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(`process id ${pid}`) })
    expect(second.stderr).toContain('code: DHN_HOME_LOCKED')
  })
})

describe('a node that goes on by itself', () => {
  it('answers when the command ends, and is gone when stop does', async () => {
    const home = homeOfATest()
    const started = await dhn(['start', '--detach', ...freePorts], { home })
    expect(started).toMatchObject({ code: 0, stdout: expect.stringMatching(/^process \d+\nhttps:.*\nhttp:.*\n$/) })
    const pid = Number(/\d+/.exec(started.stdout)?.[0])
    const status = await dhn(['status', '--json'], { home })
    expect(JSON.parse(status.stdout)).toMatchObject({ pid, state: 'running', home })
    expect(await dhn(['stop'], { home })).toEqual({ code: 0, stdout: '', stderr: `process ${pid} has stopped\n` })
    expect(isAlive(pid)).toBe(false)
    expect((await dhn(['status'], { home })).code).toBe(1)
  })

  it('that dies before it answers shows why', async () => {
    const home = homeOfATest()
    writeFileSync(join(home, 'etc', 'dhn.cfg'), 'DHN {')
    const { code, stderr } = await dhn(['start', '--detach'], { home })
    expect(stderr).toMatch(/the last lines it printed:\n {2}\| error: .*dhn\.cfg/)
    expect(stderr).toMatch(/error: the node \(process \d+\) ended with exit code 1 before it answered\n {2}next: /)
    expect(code).toBe(1)
  })
})

describe('stopping', () => {
  it('leaves a home that starts again', async () => {
    const home = homeOfATest()
    const ran: Ran[] = []
    for (const words of [
      ['start', '--detach', ...freePorts],
      ['stop'],
      ['start', '--detach', ...freePorts],
      ['stop'],
    ]) {
      ran.push(await dhn(words, { home }))
    }
    expect(ran.map(({ code }) => code)).toEqual([0, 0, 0, 0])
  })
})
