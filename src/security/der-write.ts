import { Tag } from './der.ts'

/** One DER value of this tag and content. */
export function encode(tag: number, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([Buffer.from([tag]), encodeLength(length), ...parts])
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}

export const encodeSequence = (...parts: readonly Buffer[]): Buffer => encode(Tag.sequence, ...parts)

/** A SET OF: DER wants its members in the order of their bytes. */
export const encodeSet = (...members: readonly Buffer[]): Buffer =>
  encode(Tag.set, ...[...members].sort(Buffer.compare))

export function encodeOid(oid: string): Buffer {
  const [root, second, ...rest] = oid.split('.').map(Number) as [number, number, ...number[]]
  const bytes: number[] = []
  for (const part of [root * 40 + second, ...rest]) {
    const group = [part % 128]
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) group.unshift(0x80 | (left % 128))
    bytes.push(...group)
  }
  return encode(Tag.oid, Buffer.from(bytes))
}

/** A non-negative INTEGER, from a number or from its bytes, most significant first. */
export function encodeInteger(value: number | Buffer): Buffer {
  const bytes = typeof value === 'number' ? Buffer.from(evenHex(value), 'hex') : value
  let from = 0
  while (from < bytes.length - 1 && bytes[from] === 0) from++
  const short = bytes.subarray(from)
  return encode(Tag.integer, ((short[0] ?? 0) & 0x80) === 0 ? short : Buffer.concat([Buffer.from([0]), short]))
}

function evenHex(value: number): string {
  const hex = value.toString(16)
  return hex.length % 2 === 0 ? hex : `0${hex}`
}

export const encodeBoolean = (value: boolean): Buffer => encode(Tag.boolean, Buffer.from([value ? 0xff : 0]))

export const encodeOctets = (bytes: Buffer): Buffer => encode(Tag.octetString, bytes)

export const encodeBits = (bytes: Buffer): Buffer => encode(Tag.bitString, Buffer.from([0]), bytes)

/** A named BIT STRING with these bits set: no zero bits at the end. */
export function encodeNamedBits(positions: readonly number[]): Buffer {
  if (positions.length === 0) return encode(Tag.bitString, Buffer.from([0]))
  const last = Math.max(...positions)
  const bytes = Buffer.alloc(Math.floor(last / 8) + 1)
  for (const position of positions) {
    const byte = Math.floor(position / 8)
    bytes[byte] = (bytes[byte] as number) | (0x80 >> (position % 8))
  }
  return encode(Tag.bitString, Buffer.from([7 - (last % 8)]), bytes)
}

/** UTCTime up to 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5). `at` is ms since 1970, cut to the second. */
export function encodeTime(at: number): Buffer {
  const text = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '')
  const year = Number(text.slice(0, 4))
  return year >= 1950 && year < 2050
    ? encode(Tag.utcTime, Buffer.from(text.slice(2)))
    : encode(Tag.generalizedTime, Buffer.from(text))
}

/** GeneralizedTime always: attribute certificates have no other. */
export const encodeGeneralizedTime = (at: number): Buffer =>
  encode(Tag.generalizedTime, Buffer.from(new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '')))
