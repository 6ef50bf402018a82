import { gzipSync } from 'node:zlib'

/** The fields of a tar header as they are written, so that a test can write wrong ones. */
export interface TarFields {
  readonly name: string | Buffer
  readonly type?: string
  readonly size?: number
  readonly mode?: number
  readonly linkName?: string
  readonly prefix?: string
  /** Eight bytes: magic and version; the POSIX form by default. */
  readonly magic?: string
  /** Written over the finished block, before or after the checksum is made. */
  readonly patch?: { readonly at: number; readonly bytes: Buffer; readonly afterChecksum?: boolean }
}

const block = 512
export const gnuMagic = 'ustar  \0'
export const oldMagic = '\0\0\0\0\0\0\0\0'

export function tarHeader(fields: TarFields): Buffer {
  const bytes = Buffer.alloc(block)
  const octal = (value: number, at: number, length: number): void => {
    bytes.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  }
  Buffer.from(fields.name).copy(bytes, 0, 0, 100)
  octal(fields.mode ?? 0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(fields.size ?? 0, 124, 12)
  octal(0, 136, 12)
  bytes.write(fields.type ?? '0', 156, 'latin1')
  bytes.write(fields.linkName ?? '', 157, 'utf8')
  bytes.write(fields.magic ?? 'ustar\u000000', 257, 'latin1')
  bytes.write(fields.prefix ?? '', 345, 'utf8')
  const { patch } = fields
  if (patch !== undefined && patch.afterChecksum !== true) patch.bytes.copy(bytes, patch.at)
  bytes.fill(0x20, 148, 156)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  if (patch?.afterChecksum === true) patch.bytes.copy(bytes, patch.at)
  return bytes
}

/** A header and its content, padded to whole blocks. */
export function tarEntry(fields: TarFields | string, content: string | Buffer = ''): Buffer {
  const named = typeof fields === 'string' ? { name: fields } : fields
  const bytes = Buffer.from(content)
  const padding = Buffer.alloc((block - (bytes.length % block)) % block)
  return Buffer.concat([tarHeader({ size: bytes.length, ...named }), bytes, padding])
}

/** An extended header with these records, each with its right length; type `g` is the global one. */
export function paxHeader(records: Readonly<Record<string, string>>, type: 'x' | 'g' = 'x'): Buffer {
  return rawPaxHeader(Object.entries(records).map(paxRecord).join(''), type)
}

export function paxRecord([key, value]: readonly [string, string]): string {
  const rest = ` ${key}=${value}\n`
  let length = Buffer.byteLength(rest)
  while (String(length).length + Buffer.byteLength(rest) !== length) {
    length = String(length).length + Buffer.byteLength(rest)
  }
  return `${length}${rest}`
}

export const rawPaxHeader = (content: string | Buffer, type: 'x' | 'g' = 'x'): Buffer =>
  tarEntry({ name: 'PaxHeaders/x', type }, content)

/** GNU tar's record of a long name. */
export const longName = (name: string | Buffer, type: 'L' | 'K' = 'L'): Buffer =>
  tarEntry({ name: '././@LongLink', type, magic: gnuMagic }, Buffer.concat([Buffer.from(name), Buffer.alloc(1)]))

/** Entries and the end of a tar. */
export const tar = (...entries: readonly Buffer[]): Buffer => Buffer.concat([...entries, Buffer.alloc(2 * block)])

export const tarGz = (...entries: readonly Buffer[]): Buffer => gzipSync(tar(...entries))
