import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandLine } from '../support/command-line.ts'
import { temporaryFolder } from '../support/temporary.ts'

function homeWith(files: Readonly<Record<string, readonly string[]>>): string {
  const home = temporaryFolder()
  mkdirSync(join(home, 'etc'))
  for (const [name, lines] of Object.entries(files)) writeFileSync(join(home, 'etc', name), lines.join('\n'))
  return home
}

const home = homeWith({
  'dirac.cfg': ['DIRAC {', '  Setup = Main', '}', 'DHN {', '  Port = 1', '}'],
  'dhn.cfg': ['DHN {', '  Port = 9443', '}'],
})

describe('dhn config show', () => {
  it('prints every option with where it comes from, the strongest file counting', async () => {
    const { code, stdout } = await commandLine(['config', 'show'], { home })
    expect(code).toBe(0)
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/)),
    ).toEqual([
      ['OPTION', 'VALUE', 'FROM'],
      ['/DIRAC/Setup', 'Main', `${home}/etc/dirac.cfg:2`],
      ['/DHN/Port', '9443', `${home}/etc/dhn.cfg:2`],
    ])
  })

  it('prints what stands below a section, with the defaults when they are asked for', async () => {
    const { stdout } = await commandLine(['config', 'show', '/DHN/Nosec/', '--defaults', '--json'], { home })
    expect(JSON.parse(stdout)).toEqual([
      { path: '/DHN/Nosec/Enabled', value: 'no' },
      { path: '/DHN/Nosec/Port', value: '8080' },
      { path: '/DHN/Nosec/Addresses', value: '127.0.0.1, ::1' },
    ])
  })

  it('prints one file alone, as DIRAC writes it or as JSON, without a node and a home', async () => {
    const file = join(home, 'etc', 'dirac.cfg')
    expect(await commandLine(['config', 'show', '--cfg', file])).toMatchObject({
      code: 0,
      stdout: 'DIRAC\n{\n  Setup = Main\n}\nDHN\n{\n  Port = 1\n}\n',
    })
    const { stdout } = await commandLine(['config', 'show', '--cfg', file, '--json'])
    expect(JSON.parse(stdout)).toEqual({ DIRAC: { Setup: 'Main' }, DHN: { Port: '1' } })
  })

  it('says which line of a file it can not read', async () => {
    const broken = homeWith({ 'dhn.cfg': ['DHN {', '}', '}'] })
    const { code, stderr } = await commandLine(['config', 'show'], { home: broken })
    expect(code).toBe(1)
    expect(stderr).toContain(`${broken}/etc/dhn.cfg, line 3: a section is closed that was never opened`)
    expect((await commandLine(['config', 'show', '--cfg', '/nowhere.cfg'])).code).toBe(1)
    expect((await commandLine(['config', 'show', '--config'])).code).toBe(2)
  })
})

describe('dhn config check', () => {
  const wrong = homeWith({
    'dirac.cfg': ['Registry', '{', ' Groups {', '  g {', '   Users = eve', '  }', ' }', '}'],
    'dhn.cfg': [
      'DHN {',
      '  Port = many',
      '  HTTP {',
      '    BodyLimits = 1',
      '  }',
      '  Log {',
      '    Level = loud',
      '  }',
      '}',
      'Systems { ',
      '  Samples { ',
      '    Services { ',
      '      Echo { ',
      '        Protocol = https',
      '        HandlerPath = lost/Echo.js',
      '      }',
      '    }',
      '  }',
      '}',
    ],
  })

  it('finds nothing wrong with a good one', async () => {
    expect(await commandLine(['config', 'check'], { home })).toEqual({
      code: 0,
      stdout: '',
      stderr: 'nothing is wrong with it\n',
    })
  })

  it('names file, line and what was probably meant, all in one go', async () => {
    const { code, stdout } = await commandLine(['config', 'check'], { home: wrong })
    expect(code).toBe(1)
    expect(stdout.trim().split('\n')).toEqual([
      `${wrong}/etc/dhn.cfg:2: error: /DHN/Port is "many", which is not a whole number from 0 to 65535`,
      `${wrong}/etc/dhn.cfg:7: error: /DHN/Log/Level is "loud", which is not one of debug, info, warn, error`,
      `${wrong}/etc/dirac.cfg:5: error: /Registry/Groups/g/Users names eve, who is not among the users`,
      `${wrong}/etc/dhn.cfg:4: warning: there is no option /DHN/HTTP/BodyLimits; did you mean /DHN/HTTP/BodyLimit?`,
      `${wrong}/etc/dhn.cfg:15: error: /Systems/Samples/Services/Echo/HandlerPath: there is no file ${wrong}/lost/Echo.js`,
    ])
  })

  it('looks at one file alone', async () => {
    const { code, stdout } = await commandLine(['config', 'check', '--cfg', join(wrong, 'etc/dirac.cfg'), '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ level: 'error', line: 5 })])
  })

  it('says of files that do not fit each other where they do not', async () => {
    const both = homeWith({ 'dirac.cfg': ['DIRAC = 1'], 'dhn.cfg': ['', 'DIRAC {', '}'] })
    const { code, stdout } = await commandLine(['config', 'check'], { home: both })
    expect(code).toBe(1)
    expect(stdout).toContain(`(${both}/etc/dirac.cfg, line 1; ${both}/etc/dhn.cfg, line 2)`)
  })

  it('is called wrongly with words it does not know', async () => {
    expect((await commandLine(['config', 'check', 'now'], { home })).code).toBe(2)
    expect((await commandLine(['config', 'check'])).code).toBe(1)
  })
})
