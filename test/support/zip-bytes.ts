import { crc32, deflateRawSync } from 'node:zlib'

/** What a zip says of an entry, in one place or in both; by default the truth. */
interface ZipFields {
  readonly name?: string | Buffer
  readonly flags?: number
  readonly method?: number
  readonly crc?: number
  readonly compressedSize?: number
  readonly size?: number
  readonly extra?: Buffer
}

export interface ZipPart extends ZipFields {
  readonly name: string | Buffer
  readonly content?: string | Buffer
  /** Deflated data to use as it is. */
  readonly data?: Buffer
  readonly stored?: boolean
  /** Unix mode with the file type. */
  readonly mode?: number
  /** Written in the local header, or in the directory, instead. */
  readonly local?: ZipFields
  readonly central?: ZipFields & { readonly offset?: number; readonly disk?: number }
  /** Sizes and checksum in a data descriptor: signed or not, or these bytes. */
  readonly descriptor?: 'signed' | 'plain' | 'zip64' | Buffer
  /** Bytes between this entry and the next. */
  readonly gap?: Buffer
}

export interface ZipShape {
  readonly prefix?: Buffer
  readonly comment?: Buffer
  readonly suffix?: Buffer
  /** Written over fields of the end record, by their offset in it. */
  readonly end?: readonly { readonly at: number; readonly bytes: Buffer }[]
  /** Between the directory and the end record, such as the zip64 records. */
  readonly beforeEnd?: (facts: { entries: number; size: number; start: number; end: number }) => Buffer
}

export const u16 = (value: number): Buffer => Buffer.from([value & 0xff, value >>> 8])
export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
export const u64 = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
export const extraField = (id: number, content: Buffer): Buffer =>
  Buffer.concat([u16(id), u16(content.length), content])

/** Writes a zip, byte by byte. */
export function zip(parts: readonly ZipPart[], shape: ZipShape = {}): Buffer {
  const files: Buffer[] = [shape.prefix ?? Buffer.alloc(0)]
  const directory: Buffer[] = []
  let offset = shape.prefix?.length ?? 0
  for (const part of parts) {
    const { bytes, central } = writePart(part, offset)
    files.push(bytes)
    directory.push(central)
    offset += bytes.length
  }
  const start = offset
  const size = directory.reduce((sum, entry) => sum + entry.length, 0)
  const between = shape.beforeEnd?.({ entries: parts.length, size, start, end: start + size }) ?? Buffer.alloc(0)
  const comment = shape.comment ?? Buffer.alloc(0)
  const end = Buffer.concat([
    Buffer.from('PK\x05\x06', 'latin1'),
    u16(0),
    u16(0),
    u16(parts.length),
    u16(parts.length),
    u32(size),
    u32(start),
    u16(comment.length),
    comment,
  ])
  for (const { at, bytes } of shape.end ?? []) bytes.copy(end, at)
  return Buffer.concat([...files, ...directory, between, end, shape.suffix ?? Buffer.alloc(0)])
}

function writePart(part: ZipPart, offset: number): { bytes: Buffer; central: Buffer } {
  const content = Buffer.from(part.content ?? '')
  const data = part.data ?? (part.stored ? content : deflateRawSync(content))
  const truth = {
    name: part.name,
    flags: part.flags ?? (part.descriptor === undefined ? 0 : 8),
    method: part.method ?? (part.stored ? 0 : 8),
    crc: part.crc ?? crc32(content),
    compressedSize: part.compressedSize ?? data.length,
    size: part.size ?? content.length,
    extra: part.extra ?? Buffer.alloc(0),
  }
  const later = part.descriptor === undefined ? {} : { crc: 0, compressedSize: 0, size: 0 }
  const local = { ...truth, ...later, ...part.local }
  const central = { ...truth, offset, disk: 0, ...part.central }
  const common = (fields: typeof truth): Buffer =>
    Buffer.concat([
      u16(fields.flags),
      u16(fields.method),
      u32(0x21_0000),
      u32(fields.crc),
      u32(fields.compressedSize),
      u32(fields.size),
      u16(Buffer.byteLength(fields.name)),
      u16(fields.extra.length),
    ])
  return {
    bytes: Buffer.concat([
      Buffer.from('PK\x03\x04', 'latin1'),
      u16(20),
      common(local),
      Buffer.from(local.name),
      local.extra,
      data,
      descriptorBytes(part.descriptor, truth),
      part.gap ?? Buffer.alloc(0),
    ]),
    central: Buffer.concat([
      Buffer.from('PK\x01\x02', 'latin1'),
      u16(0x0314),
      u16(20),
      common(central),
      u16(0),
      u16(central.disk),
      u16(0),
      u32(((part.mode ?? (String(part.name).endsWith('/') ? 0o40755 : 0o100644)) << 16) >>> 0),
      u32(central.offset),
      Buffer.from(central.name),
      central.extra,
    ]),
  }
}

function descriptorBytes(
  kind: ZipPart['descriptor'],
  truth: { readonly crc: number; readonly compressedSize: number; readonly size: number },
): Buffer {
  const signature = Buffer.from('PK\x07\x08', 'latin1')
  const narrow = [u32(truth.crc), u32(truth.compressedSize), u32(truth.size)]
  switch (kind) {
    case undefined:
      return Buffer.alloc(0)
    case 'plain':
      return Buffer.concat(narrow)
    case 'signed':
      return Buffer.concat([signature, ...narrow])
    case 'zip64':
      return Buffer.concat([signature, u32(truth.crc), u64(truth.compressedSize), u64(truth.size)])
    default:
      return kind
  }
}

/** The zip64 end record and its locator; fields can be written wrong. */
export const zip64End =
  (wrong: { entries?: number; size?: number; start?: number; at?: number; recordSize?: number; disks?: number } = {}) =>
  (facts: { entries: number; size: number; start: number; end: number }): Buffer =>
    Buffer.concat([
      Buffer.from('PK\x06\x06', 'latin1'),
      u64(wrong.recordSize ?? 44),
      u16(45),
      u16(45),
      u32(0),
      u32(0),
      u64(wrong.entries ?? facts.entries),
      u64(wrong.entries ?? facts.entries),
      u64(wrong.size ?? facts.size),
      u64(wrong.start ?? facts.start),
      Buffer.from('PK\x06\x07', 'latin1'),
      u32(0),
      u64(wrong.at ?? facts.end),
      u32(wrong.disks ?? 1),
    ])
