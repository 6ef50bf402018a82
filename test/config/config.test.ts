import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isSection } from '../../src/cfg/cfg.ts'
import { CfgMalformed, ConfigurationUnreadable, OptionInvalid } from '../../src/cfg/errors.ts'
import { readOptions, unknownOptions } from '../../src/cfg/option-table.ts'
import { entryAt } from '../../src/cfg/options.ts'
import { parseCfg } from '../../src/cfg/parse-cfg.ts'
import { HomeNotInitialized, readConfiguration } from '../../src/config.ts'
import { everyOption, options } from '../../src/config-options.ts'
import { temporaryFolder } from '../support/temporary.ts'

async function homeWith(...lines: string[]): Promise<string> {
  const home = temporaryFolder()
  await mkdir(join(home, 'etc'))
  await writeFile(join(home, 'etc', 'dhn.cfg'), lines.join('\n'))
  return home
}

describe('the configuration of a node', () => {
  it('is the defaults when nothing is said', async () => {
    const home = await homeWith('DIRAC', '{', '}')
    expect(readConfiguration(home)).toMatchObject({
      transport: {
        host: 'localhost',
        addresses: [],
        port: 8443,
        nosec: { enabled: false, port: 8080, addresses: ['127.0.0.1', '::1'] },
        tls: { keyFile: join(home, 'etc/grid-security/hostkey.pem'), minimumVersion: 'TLSv1.2' },
        http: { bodyLimit: 104_857_600, drain: 10_000 },
        admin: { socket: join(home, 'run/admin.sock'), staging: join(home, 'deployments/.staging') },
      },
      limits: { start: 30_000, ready: 60_000, callback: 10_000, gates: 60_000, drain: 10_000, stop: 10_000 },
      restart: { firstDelay: 1000, longestDelay: 60_000, giveUp: { failures: 5, within: 300_000 } },
      warnings: [],
    })
    expect(readConfiguration(home).deployFromUrl).toBeUndefined()
  })

  it('is what the file says, and leaves the sections of DIRAC alone', async () => {
    const home = await homeWith(
      'Systems { ',
      '}',
      'DHN',
      '{',
      '  Host = dhn.example.org',
      '  Addresses = 127.0.0.1, ::1',
      '  Nosec { ',
      '    Enabled = Yes',
      '  }',
      '  TLS {',
      '    KeyFile = /etc/grid-security/hostkey.pem',
      '  }',
      '  Restart {',
      '    Jitter = 0.25',
      '  }',
      '  DeployFromURL {',
      '    Hosts = archives.example.org',
      '  }',
      '}',
    )
    expect(readConfiguration(home)).toMatchObject({
      transport: {
        host: 'dhn.example.org',
        addresses: ['127.0.0.1', '::1'],
        nosec: { enabled: true },
        tls: { keyFile: '/etc/grid-security/hostkey.pem' },
      },
      restart: { jitter: 0.25 },
      deployFromUrl: { schemes: ['https'], hosts: ['archives.example.org'], timeLimit: 300_000 },
      warnings: [],
    })
  })

  it('takes the port of HTTPS services from where DIRAC has it, unless the node has its own', async () => {
    const tornado = ['DIRAC {', 'Setup = S', 'Setups {', 'S {', 'Tornado = P', '}', '}', '}']
    const port = ['Systems {', 'Tornado {', 'P {', 'Port = 9443', '}', '}', '}']
    expect(readConfiguration(await homeWith(...tornado, ...port)).transport.port).toBe(9443)
    const own = ['DHN {', 'Port = 7443', '}']
    expect(readConfiguration(await homeWith(...tornado, ...port, ...own)).transport.port).toBe(7443)
  })

  it.each([
    ['Port = 84x43', '/DHN/Port', 'a whole number from 0 to 65535'],
    ['Port = 65536', '/DHN/Port', 'a whole number from 0 to 65535'],
    ['Port = -1', '/DHN/Port', 'a whole number from 0 to 65535'],
    ['Port = 8443 # https', '/DHN/Port', 'a whole number from 0 to 65535'],
    ['Host = a b', '/DHN/Host', 'a host name or an address'],
    ['Host = https://here', '/DHN/Host', 'a host name or an address'],
    ['Port {\n}', '/DHN/Port', 'a whole number from 0 to 65535'],
    ['Nosec {\nEnabled = perhaps\n}', '/DHN/Nosec/Enabled', 'yes or no'],
    ['TLS {\nMinimumVersion = TLSv1.1\n}', '/DHN/TLS/MinimumVersion', 'one of TLSv1.2, TLSv1.3'],
    ['Restart {\nJitter = 1.5\n}', '/DHN/Restart/Jitter', 'a number from 0 to 1'],
    ['DeployFromURL {\nSchemes = https, ftp\n}', '/DHN/DeployFromURL/Schemes', 'a list of http, https'],
    ['Limits {\nDrain = 0\n}', '/DHN/Limits/Drain', 'a whole number from 1 to 86400000'],
  ])('refuses %j, naming file, line, option and what is allowed', async (text, option, allowed) => {
    const home = await homeWith('# a comment', 'DHN {', text, '}')
    const line = text.split('\n').findIndex((each) => each.includes('=') || each.includes('Port')) + 3
    const wrong = { file: join(home, 'etc/dhn.cfg'), line, option, allowed }
    expect(() => readConfiguration(home)).toThrow(OptionInvalid)
    expect(() => readConfiguration(home)).toThrow(expect.objectContaining(wrong))
  })

  it('names options that do not exist, and what was probably meant', async () => {
    const home = await homeWith(
      'DHN {',
      'port = 1',
      'HTTP {',
      'BodyLimits = 2',
      '}',
      'Wizardry {',
      'On = yes',
      '}',
      '}',
    )
    const file = join(home, 'etc/dhn.cfg')
    expect(readConfiguration(home).warnings).toEqual([
      `${file}, line 2: there is no option /DHN/port; did you mean /DHN/Port?`,
      `${file}, line 4: there is no option /DHN/HTTP/BodyLimits; did you mean /DHN/HTTP/BodyLimit?`,
      `${file}, line 6: there is no option /DHN/Wizardry`,
    ])
  })

  it('says when the folder is not a home, the file cannot be read or is no configuration', async () => {
    const empty = temporaryFolder()
    expect(() => readConfiguration(empty)).toThrow(HomeNotInitialized)
    const nowhere = join(empty, 'nowhere')
    const next = `run: dhn init --home ${nowhere}`
    expect(() => readConfiguration(nowhere)).toThrow(expect.objectContaining({ next }))
    await mkdir(join(empty, 'etc', 'dhn.cfg'), { recursive: true })
    expect(() => readConfiguration(empty)).toThrow(ConfigurationUnreadable)
    const home = await homeWith('DHN {')
    expect(() => readConfiguration(home)).toThrow(CfgMalformed)
  })
})

describe('the file etc/dhn.cfg that comes with dhn', () => {
  it('has every option as a comment with its default', async () => {
    const shipped = await readFile(new URL('../../etc/dhn.cfg', import.meta.url), 'utf8')
    const uncommented = parseCfg(shipped.replaceAll(/^( *)#(\w+ =)/gm, '$1$2').replace('@host@', 'localhost'))
    expect(unknownOptions(uncommented, '/DHN', everyOption)).toEqual([])
    expect(
      everyOption.filter(({ path }) => isSection(entryAt(uncommented, path)) || !entryAt(uncommented, path)),
    ).toEqual([])
    for (const table of Object.values(options)) {
      expect(readOptions(uncommented, table, 'dhn.cfg')).toEqual(readOptions(parseCfg(''), table, 'dhn.cfg'))
    }
  })

  it('says nothing but the host until a comment is taken away', async () => {
    const shipped = parseCfg(await readFile(new URL('../../etc/dhn.cfg', import.meta.url), 'utf8'))
    expect(everyOption.filter(({ path }) => entryAt(shipped, path)).map(({ path }) => path)).toEqual(['/DHN/Host'])
  })
})
