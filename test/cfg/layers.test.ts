import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  CfgConflict,
  CfgSources,
  ConfigurationMissing,
  ConfigurationUnreadable,
  cfgJson,
  fileOf,
  localFiles,
  mergeLayers,
  optionAt,
  originOf,
  parseCfg,
  readCfgFile,
  SettingInvalid,
  settingsCfg,
  zipOf,
} from '../../src/cfg/index.ts'
import { temporaryFolder } from '../support/temporary.ts'

const layer = (name: string, ...lines: string[]) => ({ name, root: parseCfg(lines.join('\n'), name) })

describe('the layers of a configuration', () => {
  const layers = [layer('first', 'A {', '  B = 1', '  C = 1', '}'), layer('second', '', 'A {', '  C = 2', '}')]

  it('are merged, the last word counting', () => {
    const merged = mergeLayers(layers)
    expect(['/A/B', '/A/C'].map((path) => optionAt(merged, path)?.value)).toEqual(['1', '2'])
  })

  it('say where an option comes from', () => {
    expect(originOf(layers, '/A/B')).toEqual({ file: 'first', line: 2 })
    expect(originOf(layers, '/A/C')).toEqual({ file: 'second', line: 3 })
    expect(originOf(layers, '/A/D')).toBeUndefined()
    expect(fileOf(layers, 'main')('/A/D')).toBe('main')
  })

  it('that do not fit each other are refused with both places', () => {
    expect(() => mergeLayers([...layers, layer('third', 'A {', 'B {', '}', '}')])).toThrow(
      expect.objectContaining({ code: 'DHN_CFG_CONFLICT', path: '/A/B', places: ['first, line 2', 'third, line 2'] }),
    )
    expect(() => mergeLayers([...layers, layer('third', 'A = 1')])).toThrow(CfgConflict)
  })
})

describe('the local files', () => {
  it('come in the order of DIRAC, the strongest last', () => {
    const files = localFiles({
      root: '/opt/dirac',
      environment: { DIRACSYSCONFIG: '/a.cfg, /b.cfg', HOME: '/home/alice' },
      own: [{ file: '/opt/dirac/etc/dhn.cfg', named: true }],
      given: ['/c.cfg', '/d.cfg'],
    })
    expect(files.map(({ file }) => file)).toEqual([
      '/opt/dirac/etc/dirac.cfg',
      '/b.cfg',
      '/a.cfg',
      '/home/alice/.dirac.cfg',
      '/opt/dirac/etc/dhn.cfg',
      '/c.cfg',
      '/d.cfg',
    ])
    expect(files.filter(({ named }) => !named).map(({ file }) => file)).toEqual([
      '/opt/dirac/etc/dirac.cfg',
      '/home/alice/.dirac.cfg',
    ])
  })

  it('are read as they are now, under what -o says', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'a.cfg')
    const sources = new CfgSources([{ file, named: false }], ['/A/B=3', '/A/D = x=y'])
    const before = sources.stamp()
    expect(sources.layers().map(({ name }) => name)).toEqual(['the command line'])
    writeFileSync(file, 'A {\n B = 1\n C = 1\n}\n')
    expect(sources.stamp()).not.toBe(before)
    expect(JSON.parse(cfgJson(mergeLayers(sources.layers())))).toEqual({ A: { B: '3', C: '1', D: 'x=y' } })
  })

  it('must be there when they were named', () => {
    const file = join(temporaryFolder(), 'nowhere.cfg')
    expect(() => new CfgSources([{ file, named: true }]).layers()).toThrow(ConfigurationMissing)
    expect(new CfgSources([{ file, named: false }]).layers()).toEqual([])
  })

  it('may be zip archives with one file', () => {
    const file = join(temporaryFolder(), 'a.zip')
    const zip = zipOf('a.cfg', Buffer.from('A = é\n'), new Date())
    writeFileSync(file, zip)
    expect(optionAt(readCfgFile(file) ?? parseCfg(''), '/A')?.value).toBe('é')
    zip[36] = (zip[36] as number) ^ 1
    writeFileSync(file, zip)
    expect(() => readCfgFile(file)).toThrow(ConfigurationUnreadable)
    mkdirSync(`${file}.d`)
    expect(() => readCfgFile(`${file}.d`)).toThrow(ConfigurationUnreadable)
  })
})

describe('-o', () => {
  it.each(['A=1', '/A', '/=1', '=1', ''])('%j sets no option', (word) => {
    expect(() => settingsCfg([word])).toThrow(SettingInvalid)
  })

  it('cannot make one name an option and a section', () => {
    expect(() => settingsCfg(['/A/B=1', '/A=2'])).toThrow(SettingInvalid)
    expect(() => settingsCfg(['/A=2', '/A/B=1'])).toThrow(SettingInvalid)
  })
})

it('as JSON the order of the text stays, also of names that look like numbers', () => {
  expect(cfgJson(parseCfg('B = "x"\n10 = a\n2 {\n}\n__proto__ {\n 1 = y\n}')).replaceAll(/\s+/g, '')).toBe(
    '{"B":"\\"x\\"","10":"a","2":{},"__proto__":{"1":"y"}}',
  )
})
