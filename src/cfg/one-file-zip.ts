import { deflateRawSync, inflateRawSync } from 'node:zlib'

// A zip archive of one file, as DIRAC keeps configurations: deflated or stored, without ZIP64.

const local = 0x04034b50
const central = 0x02014b50
const end = 0x06054b50
const deflated = 8

export const isZip = (bytes: Uint8Array): boolean => bytes.length > 4 && view(bytes).getUint32(0, true) === local

/** @param at the file's time, UTC */
export function zipOf(name: string, content: Uint8Array, at: Date): Buffer {
  const bytes = Buffer.from(name)
  const packed = deflateRawSync(content)
  const head = Buffer.alloc(26)
  head.writeUInt16LE(20, 0)
  // The name is UTF-8.
  head.writeUInt16LE(0x0800, 2)
  head.writeUInt16LE(deflated, 4)
  head.writeUInt16LE((at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1), 6)
  head.writeUInt16LE(((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(), 8)
  head.writeUInt32LE(crc32(content), 10)
  head.writeUInt32LE(packed.length, 14)
  head.writeUInt32LE(content.length, 18)
  head.writeUInt16LE(bytes.length, 22)
  const body = Buffer.concat([number(local), head, bytes, packed])
  // Made by version 2.0 on Unix; a regular file that everybody may read; at offset 0.
  const entry = Buffer.concat([
    number(central),
    Buffer.from([20, 3]),
    head,
    Buffer.from([0, 0, 0, 0, 0, 0]),
    number((0o100644 << 16) >>> 0),
    number(0),
    bytes,
  ])
  const tail = Buffer.alloc(18)
  tail.writeUInt16LE(1, 4)
  tail.writeUInt16LE(1, 6)
  tail.writeUInt32LE(entry.length, 8)
  tail.writeUInt32LE(body.length, 12)
  return Buffer.concat([body, entry, number(end), tail])
}

/**
 * The content of the only file in a zip archive.
 *
 * @param longest bytes that the content may have
 * @throws {RangeError} the archive is damaged, has another number of files, or its content is longer
 */
export function onlyFileIn(bytes: Uint8Array, longest = 64 * 1024 * 1024): Buffer {
  const data = view(bytes)
  // The end record is the last thing but for a comment.
  let at = bytes.length - 22
  while (at >= 0 && data.getUint32(at, true) !== end) at--
  if (at < 0) throw new RangeError('it is no zip archive')
  if (data.getUint16(at + 10, true) !== 1) throw new RangeError('the zip archive must hold one file')
  const entry = data.getUint32(at + 16, true)
  const method = data.getUint16(entry + 10, true)
  const sum = data.getUint32(entry + 16, true)
  const packedLength = data.getUint32(entry + 20, true)
  const length = data.getUint32(entry + 24, true)
  const header = data.getUint32(entry + 42, true)
  const from = header + 30 + data.getUint16(header + 26, true) + data.getUint16(header + 28, true)
  const packed = bytes.subarray(from, from + packedLength)
  if (length > longest) throw new RangeError(`the file in the zip archive has more than ${longest} bytes`)
  const content = method === deflated ? inflateRawSync(packed, { maxOutputLength: longest }) : Buffer.from(packed)
  if (content.length !== length || crc32(content) !== sum) throw new RangeError('the zip archive is damaged')
  return content
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

const table = Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value >>> 0
})

function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff
  for (const byte of bytes) sum = (table[(sum ^ byte) & 0xff] as number) ^ (sum >>> 8)
  return (sum ^ 0xffffffff) >>> 0
}
