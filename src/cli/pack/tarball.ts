import { gzipSync } from 'fflate'
import { Header, Pax } from 'tar'

/** Files by their path inside an archive, `/` between folders. */
export type Files = ReadonlyMap<string, Uint8Array>

/** 1980-01-01, the first day that both zip and tar know. */
export const theDay = { zip: new Date(1980, 0, 1), tar: new Date(Date.UTC(1980, 0, 1)) } as const

/** By code unit, so that no locale has a say. */
export const byPath = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : one > other ? 1 : 0

/**
 * A gzipped tar of `files`: the same bytes for the same files wherever and whenever it is made.
 *
 * Entries are sorted, owned by nobody in particular (0, 0), readable by all (0644) and of one day. Compressed in JavaScript,
 * as the zlib of one Node may find other matches than that of the next.
 */
export function tarball(files: Files): Uint8Array {
  const blocks = [...files].sort(byPath).flatMap(([path, content]) => entry(path, content))
  return gzipSync(concatenated([...blocks, new Uint8Array(1024)]), { mtime: 0, level: 9 })
}

function entry(path: string, content: Uint8Array): Uint8Array[] {
  const fields = { path, mode: 0o644, uid: 0, gid: 0, size: content.length, mtime: theDay.tar, type: 'File' } as const
  const header = Buffer.alloc(512)
  const tooLong = new Header(fields).encode(header)
  const padding = new Uint8Array((512 - (content.length % 512)) % 512)
  return [...(tooLong ? [new Pax({ path }).encode()] : []), header, content, padding]
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
