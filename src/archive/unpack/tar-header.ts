import { ArchiveRefused, printable } from './archive-refused.ts'

export const blockSize = 512

/** Where in the prefix field some packers keep times, behind a shorter prefix (the form of star). */
const timesInPrefix = 131

/** The fields of a tar header that mean something here; owner, times and mode are not taken over. */
export interface TarHeader {
  readonly name: Uint8Array
  readonly size: number
  readonly type: string
}

/**
 * Reads a header block (POSIX ustar, GNU, or the older form without a magic).
 *
 * @throws {ArchiveRefused} its checksum or a number is wrong, or readers could take its name for different ones
 */
export function readTarHeader(block: Buffer): TarHeader {
  const refuse = (detail: string): ArchiveRefused =>
    new ArchiveRefused('DHN_ARCHIVE_TAR_HEADER', { entry: printable(untilNul(block.subarray(0, 100))), detail })

  if (octal(block.subarray(148, 156)) !== checksum(block)) {
    throw new ArchiveRefused('DHN_ARCHIVE_CHECKSUM', { detail: 'tar header' })
  }
  const magic = block.toString('latin1', 257, 265)
  const posix = magic === 'ustar\u000000'
  const gnu = magic === 'ustar  \0'
  if (!posix && !gnu && !/^\0+$/.test(magic)) throw refuse('unknown magic')

  const size = number(block.subarray(124, 136))
  if (size === undefined) throw refuse('size')

  const nameField = block.subarray(0, 100)
  const prefixField = block.subarray(345, 500)
  const [name, prefix] = [untilNul(nameField), untilNul(prefixField)]
  // What follows the first NUL is read by some and not by others.
  if (nameField.subarray(name.length).some(isSet)) throw refuse('something follows the name')
  if (!posix && prefixField.some(isSet)) throw refuse('a prefix outside of the POSIX form')
  if (prefixField.subarray(prefix.length, timesInPrefix).some(isSet)) throw refuse('something follows the prefix')
  const type = block.toString('latin1', 156, 157)
  return {
    name: prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]),
    size,
    type: type === '\0' ? (name.at(-1) === 0x2f ? '5' : '0') : type,
  }
}

export const isZero = (bytes: Uint8Array): boolean => !bytes.some(isSet)

const isSet = (byte: number): boolean => byte !== 0

/** The sum of all bytes, the checksum's own taken as spaces. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20
  for (let i = 0; i < 148; i += 1) sum += block[i] as number
  for (let i = 156; i < blockSize; i += 1) sum += block[i] as number
  return sum
}

/** Octal digits between spaces and NULs, as POSIX writes numbers. */
function octal(field: Buffer): number | undefined {
  const digits = /^ *([0-7]+)[ \0]*$/.exec(field.toString('latin1'))?.[1]
  return digits === undefined ? undefined : Number.parseInt(digits, 8)
}

/** A number in octal, or in the binary form that GNU tar uses for large ones; a negative one is none. */
function number(field: Buffer): number | undefined {
  const first = field[0] as number
  if (first < 0x80) return octal(field)
  if (first !== 0x80) return undefined
  const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)
  return Number.isSafeInteger(value) ? value : undefined
}

function untilNul(field: Buffer): Buffer {
  const nul = field.indexOf(0)
  return nul === -1 ? field : field.subarray(0, nul)
}
