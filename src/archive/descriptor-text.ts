import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { decodeXml } from '../xml/decode.ts'
import type { ArchiveLimits } from './limits.ts'
import { ArchiveRefused } from './unpack/archive-refused.ts'
import type { Unpacked } from './unpack/unpack-archive.ts'

/**
 * The text of a descriptor of an unpacked archive; undefined when the archive has no such file.
 *
 * @throws {ArchiveRefused} DHN_ARCHIVE_DESCRIPTOR_TOO_LARGE
 * @throws {XmlRefused} its bytes are of no encoding that is read
 */
export function readDescriptorText(archive: Unpacked, path: string, limits: ArchiveLimits): string | undefined {
  const bytes = readSmallFile(archive, path, limits)
  return bytes === undefined ? undefined : decodeXml(bytes, path).text
}

/** The bytes of a file that is to be held in memory. */
export function readSmallFile(archive: Unpacked, path: string, limits: ArchiveLimits): Buffer | undefined {
  if (!archive.files.has(path)) return undefined
  const file = join(archive.root, path)
  if (statSync(file).size > limits.descriptorSize) {
    throw new ArchiveRefused('DHN_ARCHIVE_DESCRIPTOR_TOO_LARGE', { entry: path, limit: limits.descriptorSize })
  }
  return readFileSync(file)
}
