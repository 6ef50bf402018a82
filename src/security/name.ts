import { createHash } from 'node:crypto'
import { DerReader, type DerValue, readDer, readOid, Tag } from './der.ts'
import { encode, encodeOid, encodeSequence, encodeSet } from './der-write.ts'
import { CertificateUnreadable, DerMalformed } from './errors.ts'
import { Oid } from './oid.ts'

/**
 * One `type=value` of a name. A value that isn't a string type is `rawMark` and the hex of its DER: no string holds a
 * control character, so it can't be taken for one.
 */
export interface NameAttribute {
  readonly type: string
  readonly value: string
}

/** The attributes of one relative name: nearly always one. */
export type Rdn = readonly NameAttribute[]

/** Begins the value of an attribute that isn't text. */
export const rawMark = '\u0000'

/** More than this in one name is no name that a CA gives. */
const MAX_ATTRIBUTES = 100

/**
 * A distinguished name. Its DER is its identity: `key` is the key for every map and policy. Strings are made from it
 * by name-text.ts for people, registries and policy files.
 */
export class Name {
  readonly rdns: readonly Rdn[]
  #key?: string
  #normal?: string

  /**
   * @param der the DER of the whole Name
   * @throws {DerMalformed | CertificateUnreadable} with reason `nul-in-name`, `control-character-in-name`
   */
  constructor(readonly der: Buffer) {
    this.rdns = readRdns(der)
  }

  /** Two names have the same key when they're the same bytes. */
  get key(): string {
    this.#key ??= this.der.toString('latin1')
    return this.#key
  }

  /**
   * Two names have the same `normal` when RFC 5280 7.1 calls them equal: string types alike, case and runs of white
   * space folded, NFKC. For the chaining of certificates; never to tell who somebody is.
   */
  get normal(): string {
    this.#normal ??= normalRdns(this.rdns)
    return this.#normal
  }

  /** The relative names one after another: a name that begins with all of another's is under it. */
  get #inside(): Buffer {
    return readDer(this.der, Tag.sequence).content
  }

  get empty(): boolean {
    return this.rdns.length === 0
  }

  equals(other: Name): boolean {
    return this.der.equals(other.der) || this.normal === other.normal
  }

  /** Whether this is `parent` and further relative names, or `parent` itself. */
  isUnder(parent: Name): boolean {
    const [mine, theirs] = [this.#inside, parent.#inside]
    if (mine.length >= theirs.length && mine.subarray(0, theirs.length).equals(theirs)) return true
    return (
      parent.rdns.length <= this.rdns.length &&
      normalRdns(this.rdns.slice(0, parent.rdns.length)) === normalRdns(parent.rdns)
    )
  }

  /** The one attribute of the last relative name when this is `parent` and exactly one CommonName more. */
  commonNameUnder(parent: Name): string | undefined {
    const last = this.rdns.at(-1)
    if (this.rdns.length !== parent.rdns.length + 1 || last?.length !== 1) return undefined
    if (last[0]?.type !== Oid.commonName || !this.isUnder(parent)) return undefined
    return last[0].value
  }

  /** The hash in the file names of a CA directory, as OpenSSL 1.0 and later make it (`X509_NAME_hash`). */
  get hash(): string {
    return hashWord(createHash('sha1').update(canonical(this.rdns)).digest())
  }

  /** The hash in the file names of a CA directory, as OpenSSL before 1.0 made it. */
  get oldHash(): string {
    return hashWord(createHash('md5').update(this.der).digest())
  }

  /** `parent` and one relative name more; the bytes of `parent` stay as they are. */
  static append(parent: Name, rdn: Rdn): Name {
    const inside = readDer(parent.der, Tag.sequence).content
    return new Name(encodeSequence(inside, encodeSet(...rdn.map(encodeAttribute))))
  }

  /** The name whose relative names are these, in the string types that RFC 5280 asks for. */
  static of(rdns: readonly Rdn[]): Name {
    return new Name(encodeSequence(...rdns.map((rdn) => encodeSet(...rdn.map(encodeAttribute)))))
  }
}

function readRdns(der: Buffer): Rdn[] {
  const reader = new DerReader(readDer(der, Tag.sequence).content)
  const rdns: Rdn[] = []
  let count = 0
  while (reader.more) {
    const set = reader.inside(Tag.set)
    const rdn: NameAttribute[] = []
    while (set.more) {
      if (++count > MAX_ATTRIBUTES) reader.fail(`a name of more than ${MAX_ATTRIBUTES} attributes`)
      const pair = set.sequence()
      const type = readOid(pair.value(Tag.oid).content)
      const value = pair.value()
      pair.end()
      rdn.push({ type, value: attributeText(value) })
    }
    if (rdn.length === 0) reader.fail('a relative name without attributes')
    rdns.push(rdn)
  }
  return rdns
}

function attributeText(value: DerValue): string {
  const text = readString(value)
  if (text === undefined) return rawMark + value.bytes.toString('hex')
  checkText(text)
  return text
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of any of ASN.1's string types; undefined for another type. */
export function readString({ tag, content }: DerValue): string | undefined {
  switch (tag) {
    case Tag.utf8String:
      try {
        return isAscii(content) ? content.toString('latin1') : utf8.decode(content)
      } catch {
        throw new DerMalformed('a UTF8String that is not UTF-8', 0)
      }
    case Tag.printableString:
    case Tag.ia5String:
    case Tag.visibleString:
    case 0x12: // NumericString
      if (!isAscii(content)) throw new DerMalformed('a string with bytes outside ASCII', 0)
      return content.toString('latin1')
    case Tag.teletexString:
      return content.toString('latin1')
    case Tag.bmpString: {
      if (content.length % 2 !== 0) throw new DerMalformed('a BMPString of odd length', 0)
      const text = Buffer.from(content).swap16().toString('utf16le')
      if (/\p{Surrogate}/u.test(text)) throw new DerMalformed('a BMPString with half a character', 0)
      return text
    }
    case Tag.universalString: {
      if (content.length % 4 !== 0) throw new DerMalformed('a UniversalString of odd length', 0)
      let text = ''
      for (let at = 0; at < content.length; at += 4) {
        const point = content.readUInt32BE(at)
        if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
          throw new DerMalformed('a UniversalString with no such character', 0)
        }
        text += String.fromCodePoint(point)
      }
      return text
    }
    default:
      return undefined
  }
}

/** Refuses NUL and control characters: other software ends a name there, or shows something else. */
export function checkText(text: string): void {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0) throw new CertificateUnreadable('nul-in-name', 'a name holds a NUL')
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
      throw new CertificateUnreadable('control-character-in-name', 'a name holds a control character')
    }
  }
}

function isAscii(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at++) if ((bytes[at] as number) >= 0x80) return false
  return true
}

// Control characters can't be in a value, so these separate without escapes.
const normalRdns = (rdns: readonly Rdn[]): string => rdns.map(normalRdn).join('\u0002')

function normalRdn(rdn: Rdn): string {
  const parts = rdn.map(({ type, value }) => `${type}=${normalText(value)}`)
  return parts.length === 1 ? (parts[0] as string) : parts.sort().join('\u0001')
}

function normalText(value: string): string {
  if (!/[^\x21-\x7e]/.test(value)) return value.toLowerCase()
  return value.normalize('NFKC').toLowerCase().normalize('NFKC').replace(/\s+/g, ' ').trim()
}

/** What OpenSSL hashes: every string as UTF8String, ASCII lower case, white space folded; the SETs without their SEQUENCE. */
function canonical(rdns: readonly Rdn[]): Buffer {
  const attribute = ({ type, value }: NameAttribute): Buffer => {
    if (value.startsWith(rawMark)) return encodeAttribute({ type, value })
    const text = value
      .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
      .replace(/[ \t\n\v\f\r]+/g, ' ')
      .replace(/^ | $/g, '')
    return encodeSequence(encodeOid(type), encode(Tag.utf8String, Buffer.from(text)))
  }
  return Buffer.concat(rdns.map((rdn) => encodeSet(...rdn.map(attribute))))
}

const hashWord = (digest: Buffer): string => digest.readUInt32LE(0).toString(16).padStart(8, '0')

const ia5Types = new Set(['0.9.2342.19200300.100.1.25', Oid.emailAddress])
const countryName = '2.5.4.6'
const serialNumber = '2.5.4.5'

function encodeAttribute({ type, value }: NameAttribute): Buffer {
  if (value.startsWith(rawMark)) return encodeSequence(encodeOid(type), Buffer.from(value.slice(1), 'hex'))
  const tag = ia5Types.has(type)
    ? Tag.ia5String
    : type === countryName || type === serialNumber
      ? Tag.printableString
      : Tag.utf8String
  return encodeSequence(encodeOid(type), encode(tag, Buffer.from(value)))
}
