import { describe, expect, it } from 'vitest'
import { commandLine } from '../support/command-line.ts'
import { dhn } from '../support/dhn.ts'
import { temporaryFolder } from '../support/temporary.ts'

const wrong: readonly [words: readonly string[], error: string, next: string][] = [
  [['dploy', 'x.gar'], 'unknown command dploy', 'did you mean deploy? Or see: dhn --help'],
  [['ri'], 'which command of dhn ri?', 'see: dhn ri --help'],
  [['ri', 'shw'], 'unknown command shw', 'did you mean show? Or see: dhn ri --help'],
  [['deploy'], 'missing required argument archive', 'see: dhn deploy --help'],
  [['list', 'too', 'much'], 'too many arguments', 'see: dhn list --help'],
  [['deploy', 'x.gar', '--dry-rn'], 'unknown option --dry-rn', 'did you mean --dry-run? Or see: dhn deploy --help'],
  [['list', '--timeout', 'soon'], '--timeout takes a number of seconds, not soon', 'see: dhn --help'],
  [['list', '--timeout'], 'option --timeout <seconds> argument missing', 'see: dhn list --help'],
  [['start', '--port', '70000'], '--port takes a whole number from 0 to 65535, not 70000', 'see: dhn --help'],
  [['completion', 'tcsh'], 'tcsh is no shell that can be completed', 'name bash, zsh or fish'],
  [
    ['new', 'My Service'],
    "My Service can't name a service",
    'use lower-case letters, digits and hyphens: weather-forecast',
  ],
  [['call', 'Samples/Echo', 'echo', '{a:1}'], "the argument {a:1} isn't JSON", `quote it for the shell: '{"a":1}'`],
]

describe('a command line that makes no sense', () => {
  it.each(wrong)('%j: exit code 2, what is wrong, and what to do', async (words, error, next) => {
    const { code, stdout, stderr } = await commandLine(words)
    expect(stderr.split('\n')[0]).toContain(`error: ${error}`)
    expect(stderr).toContain(`\n  next: ${next}\n  code: DHN_USAGE\n`)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  it('is told as JSON on standard output when that was asked for, wherever it was', async () => {
    for (const words of [
      ['--json', 'dploy'],
      ['list', '--nope', '--json'],
    ]) {
      const { code, stdout, stderr } = await dhn(words)
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'DHN_USAGE', next: expect.any(String) } })
      expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
    }
  })
})

describe('the options of every command', () => {
  it('stand before or after its name', async () => {
    const home = temporaryFolder()
    const places = await Promise.all([
      commandLine(['--home', home, 'list', '--json']),
      commandLine(['list', '--json', '--home', home]),
      commandLine(['--json', 'list'], { home }),
      commandLine(['--home', home, '--json', 'ri', 'list']),
      commandLine(['ri', '--home', home, 'list', '--json']),
    ])
    for (const { code, stdout } of places) {
      expect(JSON.parse(stdout).error.facts).toEqual({ home })
      expect(code).toBe(1)
    }
  })

  it('have a home of their own when none is named: ~/.dhn', async () => {
    const { stderr } = await dhn(['list'], { home: '', environment: { HOME: '/someone' } })
    expect(stderr).toContain('there is no home at /someone/.dhn')
  })

  it('colour nothing that is not a terminal, and not when colours are forced but refused', async () => {
    const [piped, refused] = await Promise.all([
      dhn(['list']),
      dhn(['list', '--no-color'], { environment: { FORCE_COLOR: '1' } }),
    ])
    expect(piped.stderr).not.toContain('\u001b')
    expect(refused.stderr).not.toContain('\u001b')
  })
})

describe('without a node', () => {
  it('a home that is not there and one whose node is stopped are told apart', async () => {
    const home = temporaryFolder()
    expect((await commandLine(['init'], { home })).code).toBe(0)
    const [nowhere, stopped] = await Promise.all([commandLine(['status']), commandLine(['status'], { home })])
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('error: there is no home at /nowhere\n') })
    expect(stopped).toMatchObject({
      code: 1,
      stderr: `error: no node is running at ${home}\n  next: start it: dhn start --home ${home}\n  code: DHN_NODE_NOT_RUNNING\n`,
    })
  })

  it('there is nothing to stop, which is no failure', async () => {
    const home = temporaryFolder()
    expect(await commandLine(['stop'], { home })).toEqual({
      code: 0,
      stdout: '',
      stderr: `no node is running at ${home}\n`,
    })
    expect((await commandLine(['stop'])).code).toBe(1)
  })

  it('an archive that is no file is refused before a node is asked', async () => {
    const folder = temporaryFolder()
    const [absent, directory] = await Promise.all([
      commandLine(['deploy', 'absent.gar']),
      commandLine(['deploy', folder]),
    ])
    expect(absent.stderr).toBe(
      "error: absent.gar doesn't exist\n  next: check the path; `dhn pack <folder>` makes archives\n  code: DHN_ARCHIVE_NOT_A_FILE\n",
    )
    expect(directory.stderr).toContain(
      `error: ${folder} is a folder, not an archive\n  next: make archives of it: dhn pack`,
    )
    expect([absent.code, directory.code]).toEqual([1, 1])
  })
})
