import { DerMalformed } from './errors.ts'

/** The identifier octets this room meets. Multi-byte tags don't occur in X.509 and are refused. */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** The identifier octet of context tag `number`. */
export const context = (number: number, constructed = true): number => (constructed ? 0xa0 : 0x80) | number

/** One value: its tag, the bytes of its content, and all its bytes with tag and length. */
export interface DerValue {
  readonly tag: number
  readonly content: Buffer
  readonly bytes: Buffer
}

/**
 * Walks the values inside a constructed DER value, in order.
 *
 * Strict (X.690 chapter 10): definite lengths in the fewest bytes, one-byte tags, no value past the end of its parent.
 * Nothing is copied: every buffer is a view of the first one.
 *
 * @throws {DerMalformed} from every method, and nothing else
 */
export class DerReader {
  #at = 0
  constructor(
    private readonly bytes: Buffer,
    /** Where `bytes` begins in what was first read: for messages only. */
    private readonly base = 0,
  ) {}

  get more(): boolean {
    return this.#at < this.bytes.length
  }

  /** The tag of the next value, or -1 at the end. */
  get tag(): number {
    return this.bytes[this.#at] ?? -1
  }

  /** The next value; with `tag`, it has to have that one. */
  value(tag?: number): DerValue {
    const { bytes } = this
    const start = this.#at
    const found = bytes[start]
    if (found === undefined) this.fail('a value is missing', start)
    if (tag !== undefined && found !== tag) this.fail(`tag ${hex(found)} instead of ${hex(tag)}`, start)
    if ((found & 0x1f) === 0x1f) this.fail('a tag of more than one byte', start)
    let at = start + 1
    let length = bytes[at++]
    if (length === undefined) this.fail('a length is missing', at)
    if (length === 0x80) this.fail('an indefinite length', at - 1)
    if (length > 0x80) {
      const count = length & 0x7f
      if (count > 4) this.fail('a length of more than four bytes', at - 1)
      if (at + count > bytes.length) this.fail('a length is cut short', at)
      if (bytes[at] === 0) this.fail('a length in more bytes than needed', at)
      length = bytes.readUIntBE(at, count)
      if (length < 0x80) this.fail('a length in more bytes than needed', at)
      at += count
    }
    const end = at + length
    if (end > bytes.length) this.fail('a value is longer than what holds it', start)
    this.#at = end
    return { tag: found, content: bytes.subarray(at, end), bytes: bytes.subarray(start, end) }
  }

  /** The next value if it has this tag. */
  optional(tag: number): DerValue | undefined {
    return this.tag === tag ? this.value(tag) : undefined
  }

  /** A reader of what is inside the next value, which has this tag. */
  inside(tag: number): DerReader {
    const value = this.value(tag)
    return new DerReader(value.content, this.base + this.#at - value.content.length)
  }

  sequence(): DerReader {
    return this.inside(Tag.sequence)
  }

  oid(): string {
    return readOid(this.value(Tag.oid).content)
  }

  boolean(): boolean {
    return readBoolean(this.value(Tag.boolean).content)
  }

  /** A small non-negative integer. */
  integer(limit = Number.MAX_SAFE_INTEGER): number {
    return readSmallInteger(this.value(Tag.integer).content, limit)
  }

  /** Says that nothing may follow. */
  end(): void {
    if (this.more) this.fail('bytes after the last value', this.#at)
  }

  fail(problem: string, at = this.#at): never {
    throw new DerMalformed(problem, this.base + at)
  }
}

/** The one value that `bytes` is, with nothing after it. */
export function readDer(bytes: Buffer, tag?: number): DerValue {
  const reader = new DerReader(bytes)
  const value = reader.value(tag)
  reader.end()
  return value
}

/** A reader of the one sequence that `bytes` is. */
export function readSequence(bytes: Buffer): DerReader {
  const reader = new DerReader(bytes)
  const inner = reader.sequence()
  reader.end()
  return inner
}

const oids = new Map<string, string>()

/** `1.2.840.…`; components up to 2^53. */
export function readOid(content: Buffer): string {
  // The same three dozen come again and again: the latin1 form of the bytes is a cheap key.
  const key = content.toString('latin1')
  const known = oids.get(key)
  if (known !== undefined) return known
  if (content.length === 0 || content.length > 64) throw new DerMalformed('an object identifier of wrong size', 0)
  const parts: number[] = []
  let value = 0
  let fresh = true
  for (const byte of content) {
    if (fresh && byte === 0x80) throw new DerMalformed('an object identifier in more bytes than needed', 0)
    if (value > 2 ** 45) throw new DerMalformed('an object identifier with a part that is too large', 0)
    value = value * 128 + (byte & 0x7f)
    fresh = (byte & 0x80) === 0
    if (fresh) {
      parts.push(value)
      value = 0
    }
  }
  if (!fresh) throw new DerMalformed('an object identifier is cut short', 0)
  const first = parts[0] as number
  const root = Math.min(2, Math.floor(first / 40))
  const oid = [root, first - root * 40, ...parts.slice(1)].join('.')
  if (oids.size < 500) oids.set(key, oid)
  return oid
}

function readBoolean(content: Buffer): boolean {
  if (content.length !== 1) throw new DerMalformed('a boolean that is not one byte', 0)
  if (content[0] === 0xff) return true
  if (content[0] === 0) return false
  throw new DerMalformed('a boolean that is neither 00 nor FF', 0)
}

/** Checks that an INTEGER's content is in the fewest bytes, and gives it back. */
export function checkInteger(content: Buffer): Buffer {
  const [first, second] = content
  if (first === undefined) throw new DerMalformed('an empty integer', 0)
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw new DerMalformed('an integer in more bytes than needed', 0)
  }
  return content
}

export function readSmallInteger(content: Buffer, limit: number): number {
  checkInteger(content)
  if ((content[0] as number) >= 0x80) throw new DerMalformed('a negative integer', 0)
  if (content.length > 6) throw new DerMalformed('an integer that is too large', 0)
  const value = content.readUIntBE(0, content.length)
  if (value > limit) throw new DerMalformed('an integer that is too large', 0)
  return value
}

/** The bytes of a BIT STRING that holds whole bytes: a key, a signature. */
export function readBytesOfBitString(content: Buffer): Buffer {
  if (content[0] !== 0) throw new DerMalformed('a bit string that does not end with a whole byte', 0)
  return content.subarray(1)
}

/** The positions of the bits that are set in a named BIT STRING (X.690 11.2.2: no zero bits at the end). */
export function readNamedBits(content: Buffer): ReadonlySet<number> {
  const unused = content[0]
  const last = content[content.length - 1] as number
  if (unused === undefined || unused > 7 || (content.length === 1 && unused !== 0)) {
    throw new DerMalformed('a bit string with a wrong count of unused bits', 0)
  }
  if (content.length > 1 && (last & ((1 << unused) - 1)) !== 0) {
    throw new DerMalformed('a bit string with unused bits that are set', 0)
  }
  const bits = new Set<number>()
  for (let byte = 1; byte < Math.min(content.length, 9); byte++) {
    for (let bit = 0; bit < 8; bit++) {
      if (((content[byte] as number) & (0x80 >> bit)) !== 0) bits.add((byte - 1) * 8 + bit)
    }
  }
  return bits
}

/**
 * UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 writes them (seconds, `Z`, no fractions), in ms since 1970.
 * Two-digit years 50 to 99 are 19xx. A GeneralizedTime before 2050 is read: grid tools wrote them.
 */
export function readTime({ tag, content }: DerValue): number {
  const text = content.toString('latin1')
  const found =
    tag === Tag.utcTime
      ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
      : tag === Tag.generalizedTime
        ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
        : null
  if (found === null) throw new DerMalformed('a time that is not written as RFC 5280 says', 0)
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const fullYear = tag === Tag.utcTime ? year + (year >= 50 ? 1900 : 2000) : year
  const date = new Date(0)
  date.setUTCFullYear(fullYear, month - 1, day)
  date.setUTCHours(hour, minute, second)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    throw new DerMalformed('a time that does not exist', 0)
  }
  return date.getTime()
}

const hex = (tag: number): string => tag.toString(16).padStart(2, '0')
