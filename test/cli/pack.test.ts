import { createHash } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { list } from 'tar'
import { describe, expect, it } from 'vitest'
import { commandLine } from '../support/command-line.ts'
import { dhn, root, run } from '../support/dhn.ts'
import { temporaryFolder } from '../support/temporary.ts'

const samples = ['echo', 'counter', 'tally'] as const
const profileOf = (sample: string) => join(root, 'profiles', `${sample}.xml`)

/** A copy of a sample to be spoilt. */
function copyOf(sample: string): string {
  const folder = join(temporaryFolder(), sample)
  cpSync(join(root, 'gar', sample), folder, { recursive: true })
  cpSync(profileOf(sample), join(folder, 'profile.xml'))
  return folder
}

/** The modules of the GAR that was packed in a sample's folder. */
const modulesIn = (folder: string, sample: string): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(unzipSync(readFileSync(join(folder, 'out', `org_diligentproject_samples_${sample}.gar`))))
      .filter(([path]) => path.endsWith('.js'))
      .map(([path, bytes]) => [path, Buffer.from(bytes).toString()]),
  )

const digests = (folder: string) =>
  readdirSync(folder)
    .sort()
    .map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ])

describe('packing a sample', () => {
  it.each(samples)('%s: a GAR and a service archive that a node takes in both modes', async (sample) => {
    const out = temporaryFolder()
    const packed = await dhn([
      'pack',
      join(root, 'gar', sample),
      '--profile',
      profileOf(sample),
      '--out',
      out,
      '--json',
    ])
    expect(packed.stderr).toBe('')
    expect(JSON.parse(packed.stdout)).toMatchObject({ garId: `org_diligentproject_samples_${sample}`, problems: [] })
    for (const name of readdirSync(out)) {
      const { code, stdout } = await commandLine(['inspect', join(out, name), '--json'])
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({
        id: `org_diligentproject_samples_${sample}`,
        deployable: { secure: true, open: true },
        problems: [],
      })
    }
    expect(readdirSync(out).sort()).toEqual([
      `org_diligentproject_samples_${sample}.gar`,
      `org_diligentproject_samples_${sample}.tar.gz`,
    ])
  })

  it('is byte-identical: another folder, user mask, time zone, locale, file modes and times make no difference', async () => {
    const one = copyOf('counter')
    const other = join(temporaryFolder(), 'deeper', 'elsewhere', 'counter')
    cpSync(one, other, { recursive: true })
    for (const name of readdirSync(other, { recursive: true, encoding: 'utf8' })) {
      chmodSync(join(other, name), 0o700)
      utimesSync(join(other, name), 1e9, 1e9)
    }
    writeFileSync(join(other, 'etc', 'counter.json~'), 'left by an editor')
    writeFileSync(join(other, '.DS_Store'), 'left by a system')
    const [here, there] = await Promise.all([
      dhn(['pack', one], { environment: { TZ: 'Pacific/Kiritimati', LC_ALL: 'C' } }),
      run(
        '/bin/sh',
        ['-c', `umask 0077; exec "$0" "$@"`, process.execPath, join(root, 'dist', 'main.js'), 'pack', '.'],
        {
          cwd: other,
          environment: { TZ: 'America/St_Johns', LC_ALL: 'tr_TR.UTF-8' },
        },
      ),
    ])
    expect([here.code, there.code]).toEqual([0, 0])
    expect(digests(join(other, 'out'))).toEqual(digests(join(one, 'out')))
  })

  it('shows nothing of the machine, and entries sorted, owned by 0, of one day', async () => {
    const folder = copyOf('counter')
    await dhn(['pack', folder])
    const archive = join(folder, 'out', 'org_diligentproject_samples_counter.tar.gz')
    const entries: [string, number | undefined, number | undefined, number | undefined, string | undefined][] = []
    await list({
      file: archive,
      onReadEntry: ({ path, mode, uid, gid, mtime }) =>
        void entries.push([path, mode, uid, gid, mtime?.toISOString().slice(0, 10)]),
    })
    expect(entries).toEqual(
      [
        'counter-stubs/index.js',
        'counter-stubs/index.ts',
        'counter-stubs/package.json',
        'counter/org_diligentproject_samples_counter.gar',
        'profile.xml',
      ].map((path) => [path, 0o644, 0, 0, '1980-01-01']),
    )
    expect(readFileSync(archive).subarray(4, 10)).toEqual(Buffer.from([0, 0, 0, 0, 2, 3]))
  })

  it('leaves dhn/service and the stubs it depends on as imports, and puts all else in', async () => {
    const folder = copyOf('tally')
    mkdirSync(join(folder, 'node_modules', 'left-pad'), { recursive: true })
    writeFileSync(join(folder, 'node_modules', 'left-pad', 'package.json'), '{"name":"left-pad","main":"index.js"}')
    writeFileSync(join(folder, 'node_modules', 'left-pad', 'index.js'), 'module.exports = (s, n) => s.padStart(n)')
    const source = join(folder, 'src/org/diligentproject/samples/tally/TallyService.ts')
    writeFileSync(source, `import pad from 'left-pad'\n${readFileSync(source, 'utf8')}\nconsole.log(pad('x', 3))\n`)
    expect((await commandLine(['pack', folder])).code).toBe(0)
    const bundle = modulesIn(folder, 'tally').get('lib/org/diligentproject/samples/tally/TallyService.js')
    const imports = [...(bundle ?? '').matchAll(/from "([^"]+)"/g)].map((found) => found[1])
    expect(imports.sort()).toEqual(['counter-stubs', 'dhn/service'])
    expect(bundle).toContain('padStart')
  })

  it('puts what two classes share into one module, so that it is there once when they run', async () => {
    const folder = copyOf('counter')
    const sources = join(folder, 'src/org/diligentproject/samples/counter')
    const text = readFileSync(join(sources, 'CounterService.ts'), 'utf8')
    writeFileSync(join(sources, 'Shared.ts'), "export const shared = { here: 'once' }\n")
    writeFileSync(join(sources, 'CounterService.ts'), `export { shared } from './Shared.ts'\n${text}`)
    writeFileSync(join(sources, 'OtherService.ts'), "export { shared as OtherService } from './Shared.ts'\n")
    for (const name of ['deploy-server.wsdd', 'deploy-server.wsdd_NOSEC']) {
      const file = join(folder, 'etc', name)
      const service =
        '<service name="Samples/Other"><parameter name="className" value="org.diligentproject.samples.counter.OtherService"/></service>'
      writeFileSync(file, readFileSync(file, 'utf8').replace('</deployment>', `${service}</deployment>`))
    }
    expect((await commandLine(['pack', folder])).code).toBe(0)
    const modules = [...modulesIn(folder, 'counter')]
    const holding = modules.filter(([, text]) => text.includes('"once"')).map(([path]) => path)
    expect(modules.length).toBe(3)
    expect(holding).toEqual([expect.stringMatching(/^lib\/shared\//)])
  })
})

describe('stubs that nobody has written', () => {
  it('are made of what the handlers export', async () => {
    const folder = copyOf('counter')
    rmSync(join(folder, 'stubs'), { recursive: true })
    expect((await commandLine(['pack', folder])).code).toBe(0)
    const files = new Map<string, string>()
    await list({
      file: join(folder, 'out', 'org_diligentproject_samples_counter.tar.gz'),
      onReadEntry: (entry) =>
        void entry.on('data', (chunk) => files.set(entry.path, `${files.get(entry.path) ?? ''}${chunk}`)),
    })
    expect(files.get('counter-stubs/index.ts')).toContain('export class CounterClient extends Client')
    expect(files.get('counter-stubs/index.ts')).toContain('add(steps?: unknown): Promise<CallAnswer<unknown>>')
    expect(files.get('counter-stubs/index.js')).toMatch(/import \{ Client \} from "dhn\/client"/)
  })
})

describe('a service that cannot be packed', () => {
  const spoilt: readonly [what: string, spoil: (folder: string) => void, code: string, message: RegExp][] = [
    [
      'no profile',
      (folder) => rmSync(join(folder, 'profile.xml')),
      'DHN_PACK_NOT_A_SERVICE',
      /there is no profile at .*profile\.xml/,
    ],
    [
      'no descriptors',
      (folder) => rmSync(join(folder, 'etc'), { recursive: true }),
      'DHN_PACK_NOT_A_SERVICE',
      /names a className/,
    ],
    [
      'no source of a class',
      (folder) => rmSync(join(folder, 'src'), { recursive: true }),
      'DHN_PACK_CLASS_MISSING',
      /org\.diligentproject\.samples\.counter\.CounterService.*CounterService\.ts/,
    ],
    [
      'an import that is nowhere',
      (folder) => writeFileSync(join(folder, 'stubs/index.ts'), "import 'nowhere'"),
      'DHN_PACK_BUNDLE_FAILED',
      /stubs\/index\.ts:1:\d+: Could not resolve "nowhere"/,
    ],
    [
      'TypeScript that is none',
      (folder) => writeFileSync(join(folder, 'stubs/index.ts'), 'let = = 3'),
      'DHN_PACK_BUNDLE_FAILED',
      /stubs\/index\.ts:1:/,
    ],
    [
      'a listed file that is not made',
      (folder) => replaceIn(join(folder, 'profile.xml'), 'index.ts', 'index.d.ts'),
      'DHN_PACK_CONTENT_MISSING',
      /index\.d\.ts/,
    ],
    [
      'a malformed descriptor',
      (folder) => replaceIn(join(folder, 'etc/deploy-server.wsdd'), '</deployment>', ''),
      'DHN_XML_',
      /deploy-server\.wsdd/,
    ],
    [
      'a name that no node serves',
      (folder) => replaceIn(join(folder, 'etc/deploy-server.wsdd_NOSEC'), '"Samples/Counter"', '"admin/Counter"'),
      'DHN_PACK_REFUSED',
      /admin/,
    ],
  ]

  it.each(spoilt)('%s', async (_, spoil, code, message) => {
    const folder = copyOf('counter')
    mkdirSync(join(folder, 'out'))
    writeFileSync(join(folder, 'out', 'org_diligentproject_samples_counter.gar'), 'packed before')
    spoil(folder)
    const { code: exit, stdout } = await commandLine(['pack', folder, '--json'])
    const { error } = JSON.parse(stdout)
    expect(error.code).toContain(code)
    expect(error.message).toMatch(message)
    expect(error.next).toEqual(expect.any(String))
    expect(exit).toBe(1)
    expect(readdirSync(join(folder, 'out'))).toEqual(['org_diligentproject_samples_counter.gar'])
  })
})

const replaceIn = (file: string, from: string, to: string): void =>
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to))
