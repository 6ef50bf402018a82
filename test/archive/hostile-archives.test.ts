import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readArchive } from '../../src/archive/read-archive.ts'
import { readArchiveHere } from '../../src/archive/read-archive-here.ts'
import type { DhnError } from '../../src/service/errors.ts'
import type { HostileArchive } from '../support/archives.ts'
import { hostileArchives, tarWith } from '../support/hostile-archives.ts'
import { zipWith } from '../support/hostile-zips.ts'
import { folderForAll, treeOf } from '../support/read.ts'

const folder = folderForAll()
const inside = join(folder, 'inside')
mkdirSync(inside)
writeFileSync(join(folder, 'outside'), 'untouched')

const hostile = hostileArchives()

/** What became of an attempt to read these bytes: how it was refused, and whether a trace of it is left. */
async function attempt(
  { name, bytes, limits }: Pick<HostileArchive, 'name' | 'bytes' | 'limits'>,
  read: typeof readArchiveHere = readArchiveHere,
): Promise<DhnError> {
  const file = join(inside, 'archive')
  const staging = join(inside, 'staging')
  writeFileSync(file, bytes)
  const before = treeOf(folder)
  const outcome = await read(file, { name, staging, ...(limits === undefined ? {} : { limits }) }).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(existsSync(staging)).toBe(false)
  expect(treeOf(folder).filter(withoutInside)).toEqual(before.filter(withoutInside))
  return outcome as DhnError
}

/** The folder that staging is made in changes its time. */
const withoutInside = (line: string): boolean => !line.startsWith('inside ')

describe('a hostile archive', () => {
  it('is one of more than 250, of every kind of reason', () => {
    expect(hostile.length).toBeGreaterThan(250)
    expect(new Set(hostile.map(({ what }) => what)).size).toBe(hostile.length)
  })

  it.each(hostile)('is refused and leaves nothing behind: $what', async (archive) => {
    const before = process.cpuUsage()
    const refusal = await attempt(archive)
    expect(refusal).toMatchObject({ code: archive.code, message: expect.stringMatching(/^archive refused: /) })
    expect(refusal.next).toBeDefined()
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(2_000_000)
  })

  it('is refused the same from a thread of its own', async () => {
    for (const archive of hostile.filter((_, i) => i % 40 === 0)) {
      expect(await attempt(archive, readArchive)).toMatchObject({ code: archive.code })
    }
  })
})

describe('an archive that was cut off', () => {
  const tarGz = tarWith()
  const zip = zipWith([
    { name: 'lib/large', content: Buffer.from(Array.from({ length: 9000 }, (_, i) => (i * i) % 251)) },
  ])

  it.each([
    ['gzipped tar', tarGz],
    ['zip', zip],
  ])('is refused at every 64 bytes of a %s', async (_, bytes) => {
    for (let length = 64; length < bytes.length; length += 64) {
      expect(await attempt({ name: 'x.gar', bytes: bytes.subarray(0, length) })).toMatchObject({
        code: 'DHN_ARCHIVE_TRUNCATED',
      })
    }
  })
})
