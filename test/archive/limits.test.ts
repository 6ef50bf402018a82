import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type ArchiveLimits, defaultLimits } from '../../src/archive/limits.ts'
import { Totals } from '../../src/archive/unpack/entry-policy.ts'
import { echoFiles, makeGar, makeServiceArchive, profileText } from '../support/archives.ts'
import { folderForAll, readBytes } from '../support/read.ts'
import { paxHeader, tar, tarEntry } from '../support/tar-bytes.ts'

const folder = folderForAll()
const MiB = 1024 * 1024

describe('the limits of a node', () => {
  it('are these unless the configuration says otherwise', () => {
    expect(defaultLimits).toEqual({
      archiveSize: 256 * MiB,
      entries: 20_000,
      unpackedSize: 256 * MiB,
      fileSize: 256 * MiB,
      ratio: 200,
      ratioFrom: MiB,
      pathLength: 512,
      depth: 32,
      descriptorSize: MiB,
    })
  })
})

const files = { ...echoFiles, 'lib/samples/large.js': 'x'.repeat(5000) }
const sizes = Object.values(files).map((content) => content.length)
const unpackedSize = sizes.reduce((sum, size) => sum + size, 0)
const descriptorSize = Math.max(...Object.values(echoFiles).map((content) => content.length))
/** Five files, and the folders etc, lib and lib/samples. */
const entries = 8

describe.each(['zip', 'tar.gz'] as const)('a GAR (%s)', (format) => {
  const bytes = makeGar(files, format)
  const exact: Partial<ArchiveLimits> = {
    archiveSize: bytes.length,
    entries,
    unpackedSize,
    fileSize: 5000,
    pathLength: 'etc/deploy-server.wsdd_NOSEC'.length,
    depth: 3,
    descriptorSize,
    // Half a byte more: the quotient is rounded.
    ratio: (unpackedSize + 0.5) / bytes.length,
    ratioFrom: 0,
  }

  it('is accepted when it is exactly at every limit', async () => {
    const { gar } = await readBytes(folder, 'x.gar', bytes, { limits: exact })
    expect(gar).toMatchObject({ entries, unpackedSize })
  })

  it.each([
    ['archiveSize', bytes.length - 1, 'DHN_ARCHIVE_TOO_LARGE'],
    ['entries', entries - 1, 'DHN_ARCHIVE_TOO_MANY_ENTRIES'],
    ['unpackedSize', unpackedSize - 1, 'DHN_ARCHIVE_UNPACKED_TOO_LARGE'],
    ['fileSize', 4999, 'DHN_ARCHIVE_FILE_TOO_LARGE'],
    ['pathLength', 'etc/deploy-server.wsdd_NOSEC'.length - 1, 'DHN_ARCHIVE_PATH_TOO_LONG'],
    ['depth', 2, 'DHN_ARCHIVE_TOO_DEEP'],
    ['descriptorSize', descriptorSize - 1, 'DHN_ARCHIVE_DESCRIPTOR_TOO_LARGE'],
    ['ratio', (unpackedSize - 1) / bytes.length, 'DHN_ARCHIVE_RATIO'],
  ] as const)('is refused one over the limit: %s', async (name, limit, code) => {
    await expect(readBytes(folder, 'x.gar', bytes, { limits: { ...exact, [name]: limit } })).rejects.toMatchObject({
      code,
      limit,
    })
  })

  it('may unpack to any ratio up to the size from which it matters', async () => {
    const limits = { ratio: 1, ratioFrom: unpackedSize }
    await expect(readBytes(folder, 'x.gar', bytes, { limits })).resolves.toMatchObject({ id: 'x' })
    await expect(
      readBytes(folder, 'x.gar', bytes, { limits: { ...limits, ratioFrom: unpackedSize - 1 } }),
    ).rejects.toMatchObject({ code: 'DHN_ARCHIVE_RATIO' })
  })
})

describe('the default limits', () => {
  const withPath = (path: string): Buffer =>
    gzipSync(
      tar(
        ...Object.entries(echoFiles).map(([name, content]) => tarEntry(name, content)),
        paxHeader({ path }),
        tarEntry('x'),
      ),
    )
  const long = `lib/${'a'.repeat(255)}/${'b'.repeat(252)}`

  it('let a path have 512 bytes, and not 513', async () => {
    expect(long).toHaveLength(512)
    await expect(readBytes(folder, 'x.gar', withPath(long))).resolves.toMatchObject({ id: 'x' })
    await expect(readBytes(folder, 'x.gar', withPath(`${long}b`))).rejects.toMatchObject({
      code: 'DHN_ARCHIVE_PATH_TOO_LONG',
      limit: 512,
    })
  })

  it('count a path in bytes, not in characters', async () => {
    const euros = `lib/${'€'.repeat(85)}/${'€'.repeat(83)}/12`
    expect(Buffer.byteLength(euros)).toBe(512)
    await expect(readBytes(folder, 'x.gar', withPath(euros))).resolves.toMatchObject({ id: 'x' })
    await expect(readBytes(folder, 'x.gar', withPath(`${euros}3`))).rejects.toMatchObject({
      code: 'DHN_ARCHIVE_PATH_TOO_LONG',
    })
  })

  it('let a path have 32 segments, and not 33', async () => {
    await expect(readBytes(folder, 'x.gar', withPath(`${'a/'.repeat(31)}x`))).resolves.toMatchObject({ id: 'x' })
    await expect(readBytes(folder, 'x.gar', withPath(`${'a/'.repeat(32)}x`))).rejects.toMatchObject({
      code: 'DHN_ARCHIVE_TOO_DEEP',
      limit: 32,
    })
  })

  it('let there be 20,000 files and folders, and not 20,001', () => {
    const totals = new Totals(defaultLimits, 1)
    for (let i = 0; i < 20_000; i += 1) totals.addEntry()
    expect(() => totals.addEntry()).toThrow(expect.objectContaining({ code: 'DHN_ARCHIVE_TOO_MANY_ENTRIES' }))
  })

  it('let 256 MiB be unpacked, and not a byte more', () => {
    const totals = new Totals(defaultLimits, 256 * MiB)
    totals.addBytes(256 * MiB)
    expect(() => totals.addBytes(1)).toThrow(expect.objectContaining({ code: 'DHN_ARCHIVE_UNPACKED_TOO_LARGE' }))
  })

  it('let an archive unpack to 200 times its size once that is over a megabyte, and not a byte more', () => {
    const small = new Totals(defaultLimits, 1)
    small.addBytes(MiB)
    expect(() => small.addBytes(1)).toThrow(expect.objectContaining({ code: 'DHN_ARCHIVE_RATIO' }))
    const larger = new Totals(defaultLimits, MiB)
    larger.addBytes(200 * MiB)
    expect(() => larger.addBytes(1)).toThrow(expect.objectContaining({ code: 'DHN_ARCHIVE_RATIO' }))
  })

  it('count a service archive and the GAR in it together', async () => {
    const gar = makeGar(echoFiles, 'tar.gz')
    const profile = profileText({ packages: [{ name: 'main', gar: 'echo.gar' }] })
    const bytes = makeServiceArchive(profile, { main: { 'echo.gar': gar } })
    const inside = Object.values(echoFiles).reduce((sum, content) => sum + content.length, 0)
    const unpacked = profile.length + gar.length + inside
    // profile.xml, main and echo.gar; then four files, etc, lib and lib/samples
    const limits = { unpackedSize: unpacked, entries: 10 }
    await expect(readBytes(folder, 'x.tar.gz', bytes, { limits })).resolves.toMatchObject({ id: 'echo' })
    await expect(
      readBytes(folder, 'x.tar.gz', bytes, { limits: { ...limits, unpackedSize: unpacked - 1 } }),
    ).rejects.toMatchObject({
      code: 'DHN_ARCHIVE_UNPACKED_TOO_LARGE',
      entry: expect.stringMatching(/^main\/echo.gar!/),
    })
    await expect(readBytes(folder, 'x.tar.gz', bytes, { limits: { ...limits, entries: 9 } })).rejects.toMatchObject({
      code: 'DHN_ARCHIVE_TOO_MANY_ENTRIES',
    })
  })
})
