import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readArchiveHere } from '../../src/archive/read-archive-here.ts'
import { DhnError } from '../../src/service/errors.ts'
import { echoFiles, makeGar, makeServiceArchive, profileText } from '../support/archives.ts'
import { tarWith } from '../support/hostile-archives.ts'
import { folderForAll, treeOf } from '../support/read.ts'
import { longName, paxHeader, tarEntry, tarGz } from '../support/tar-bytes.ts'
import { zip } from '../support/zip-bytes.ts'

const folder = folderForAll()
writeFileSync(join(folder, 'outside'), 'untouched')

/** Reads the bytes; whatever they are, it answers or refuses, and nothing is written but in its staging folder. */
async function readsOrRefuses(name: string, bytes: Buffer): Promise<void> {
  const own = mkdtempSync(join(folder, 'run-'))
  const staging = join(own, 'staging')
  writeFileSync(join(own, 'archive'), bytes)
  const before = treeOf(folder)
  const outcome = await readArchiveHere(join(own, 'archive'), { name, staging }).catch((error: unknown) => error)
  if (outcome instanceof Error) {
    if (!(outcome instanceof DhnError)) throw outcome
    expect(existsSync(staging)).toBe(false)
  }
  const ownPath = own.slice(folder.length + 1)
  const outside = (line: string): boolean => !line.startsWith(`${ownPath}/staging`) && !line.startsWith(`${ownPath} `)
  expect(treeOf(folder).filter(outside)).toEqual(before.filter(outside))
  rmSync(own, { recursive: true })
}

/** Changes to bytes: some overwritten, some cut out, some doubled. */
const mutation = fc.record({
  bytes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
  cut: fc.option(fc.tuple(fc.nat(), fc.nat(600)), { freq: 4 }),
  doubled: fc.option(fc.tuple(fc.nat(), fc.nat(600)), { freq: 4 }),
})
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never

function mutated(original: Buffer, { bytes, cut, doubled }: Mutation): Buffer {
  let result = Buffer.from(original)
  for (const [at, value] of bytes) result[at % result.length] = value
  if (cut !== null) {
    const at = cut[0] % result.length
    result = Buffer.concat([result.subarray(0, at), result.subarray(at + cut[1])])
  }
  if (doubled !== null) {
    const at = doubled[0] % (result.length + 1)
    result = Buffer.concat([result.subarray(0, at + doubled[1]), result.subarray(at)])
  }
  return result
}

const serviceArchive = makeServiceArchive(
  profileText({
    packages: [
      { name: 'main', gar: 'echo.gar' },
      { name: 'stubs', files: ['index.js'] },
    ],
  }),
  { main: { 'echo.gar': makeGar(echoFiles) }, stubs: { 'index.js': 'export {}' } },
)
const withHeaders = tarWith(
  paxHeader({ path: 'lib/by-pax', comment: 'x' }),
  tarEntry('x', 'pax'),
  longName('lib/by-gnu'),
  tarEntry('y'),
)

describe('an archive of which bytes were changed', () => {
  const seed = { seed: 20060615 }

  it.each([
    ['gzipped tar', withHeaders],
    ['zip', makeGar(echoFiles)],
  ])('is read or refused: %s', async (_, original) => {
    await fc.assert(
      fc.asyncProperty(mutation, (change) => readsOrRefuses('x.gar', mutated(original, change))),
      { numRuns: 200, ...seed },
    )
  })

  it.each([
    ['a GAR', 'x.gar', withHeaders],
    ['a service archive', 'x.tar.gz', serviceArchive],
  ])('is read or refused when the gzip around it is right: %s', async (_, name, original) => {
    const inside = gunzipSync(original)
    await fc.assert(
      fc.asyncProperty(mutation, (change) => readsOrRefuses(name, gzipSync(mutated(inside, change), { level: 1 }))),
      { numRuns: 200, ...seed },
    )
  })
})

describe('an archive of any entries', () => {
  const segment = fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '',
      'lib',
      'etc',
      'LIB',
      'a',
      'A',
      '\u00e9',
      'e\u0301',
      'C:',
      '~',
      '\0',
      '\n',
      '-rf',
      '...',
    ),
    fc.string({ unit: 'binary', maxLength: 6 }),
  )
  const name = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join('/'))
  const content = fc.string({ maxLength: 20 })
  const seed = { seed: 20040801 }

  it('is read or refused: tar', async () => {
    const entry = fc.oneof(
      fc
        .record({
          name,
          type: fc.constantFrom('0', '0', '0', '5', '\0', '1', '2', 'x', 'L', 'g'),
          prefix: fc.option(name),
          content,
        })
        .map(({ name: own, type, prefix, content: text }) => tarEntry({ name: own, type, prefix: prefix ?? '' }, text)),
      fc.tuple(name, content).map(([path, text]) => Buffer.concat([paxHeader({ path }), tarEntry('x', text)])),
      fc.tuple(name, content).map(([path, text]) => Buffer.concat([longName(path), tarEntry('x', text)])),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 6 }), (entries) =>
        readsOrRefuses(
          'x.gar',
          tarGz(tarEntry('etc/deploy-server.wsdd', echoFiles['etc/deploy-server.wsdd']), ...entries),
        ),
      ),
      { numRuns: 200, ...seed },
    )
  })

  it('is read or refused: zip', async () => {
    const part = fc.record(
      { name, content, mode: fc.nat(0o177777), stored: fc.boolean(), flags: fc.constantFrom(0, 0x800, 8) },
      { requiredKeys: ['name', 'content'] },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), (parts) =>
        readsOrRefuses(
          'x.gar',
          zip([{ name: 'etc/deploy-server.wsdd', content: echoFiles['etc/deploy-server.wsdd'] as string }, ...parts]),
        ),
      ),
      { numRuns: 200, ...seed },
    )
  })
})
