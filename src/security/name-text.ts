import { NameUnreadable } from './errors.ts'
import { type Name, type NameAttribute, type Rdn, rawMark } from './name.ts'

/** Attribute types and the words for them. The first word is the one that is written, as OpenSSL writes it. */
const words: ReadonlyArray<readonly [oid: string, ...words: string[]]> = [
  ['2.5.4.3', 'CN', 'commonName'],
  ['2.5.4.4', 'SN', 'surname'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C', 'countryName'],
  ['2.5.4.7', 'L', 'localityName'],
  ['2.5.4.8', 'ST', 'S', 'SP', 'stateOrProvinceName'],
  ['2.5.4.9', 'street', 'streetAddress'],
  ['2.5.4.10', 'O', 'organizationName'],
  ['2.5.4.11', 'OU', 'organizationalUnitName'],
  ['2.5.4.12', 'title', 'T'],
  ['2.5.4.13', 'description'],
  ['2.5.4.17', 'postalCode'],
  ['2.5.4.41', 'name'],
  ['2.5.4.42', 'GN', 'givenName', 'G'],
  ['2.5.4.43', 'initials'],
  ['2.5.4.44', 'generationQualifier'],
  ['2.5.4.45', 'x500UniqueIdentifier'],
  ['2.5.4.46', 'dnQualifier', 'DNQ'],
  ['2.5.4.65', 'pseudonym'],
  ['2.5.4.97', 'organizationIdentifier'],
  ['0.9.2342.19200300.100.1.1', 'UID', 'USERID', 'userId'],
  ['0.9.2342.19200300.100.1.25', 'DC', 'domainComponent'],
  ['1.2.840.113549.1.9.1', 'emailAddress', 'Email', 'E'],
  ['1.2.840.113549.1.9.2', 'unstructuredName'],
]
const wordOf = new Map(words.map(([oid, word]) => [oid, word as string]))
const oidOf = new Map(words.flatMap(([oid, ...all]) => all.map((word) => [word.toLowerCase(), oid] as const)))

/** What can begin a `type=value`: a known word or a dotted number. */
const typePattern = `(?:${[...oidOf.keys()].join('|')}|(?:oid\\.)?[0-2](?:\\.\\d+)+)`

/** The attribute type that a word or a dotted number names; undefined when there is none. */
export function attributeType(word: string): string | undefined {
  const bare = word.trim().replace(/^oid\./i, '')
  return oidOf.get(bare.toLowerCase()) ?? (/^[0-2](?:\.\d+)+$/.test(bare) ? bare : undefined)
}

/**
 * `/C=ch/O=DIRAC/CN=x`, the form of grid-mapfiles, registries and signing policies, in the names' own order.
 *
 * `/` and `\` in a value are escaped with `\`, so no value can look like another name; so is a `+` that would read as
 * a second attribute. Bytes outside printable ASCII are `\xHH` of UTF-8, as OpenSSL's one-line printing gives them.
 */
export function oneLine(name: Name): string {
  const known = oneLines.get(name)
  if (known !== undefined) return known
  const text = writeOneLine(name.rdns, (value) => {
    const escaped = value.replace(/[\\/]/g, '\\$&')
    return escaped.includes('+') ? escaped.replace(plusBeforeType, '\\$&') : escaped
  })
  oneLines.set(name, text)
  return text
}

const oneLines = new WeakMap<Name, string>()

/**
 * The one-line form with nothing escaped but bytes outside ASCII: what OpenSSL's `X509_NAME_oneline` and DIRAC show.
 * Two names can have the same one, so it's for showing and for peers, and decides nothing.
 */
export function unescapedOneLine(name: Name): string {
  return writeOneLine(name.rdns, (text) => text)
}

const plusBeforeType = new RegExp(`\\+(?=${typePattern}=)`, 'gi')

function writeOneLine(rdns: readonly Rdn[], protect: (text: string) => string): string {
  const attribute = ({ type, value }: NameAttribute): string =>
    `${wordOf.get(type) ?? type}=${value.startsWith(rawMark) ? `\\#${value.slice(1)}` : hexOutsideAscii(protect(value), '\\x')}`
  return rdns.map((rdn) => `/${rdn.map(attribute).join('+')}`).join('')
}

const hexOutsideAscii = (text: string, prefix: string): string =>
  text.replace(/[^\x20-\x7e]+/g, (found) =>
    [...Buffer.from(found)].map((byte) => `${prefix}${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )

/** `CN=x,O=DIRAC,C=ch`: RFC 2253, byte for byte what `openssl x509 -nameopt RFC2253` prints. */
export function rfc2253(name: Name): string {
  const attribute = ({ type, value }: NameAttribute): string =>
    `${wordOf.get(type) ?? type}=${value.startsWith(rawMark) ? `#${value.slice(1).toUpperCase()}` : escape2253(value)}`
  return [...name.rdns]
    .reverse()
    .map((rdn) => [...rdn].reverse().map(attribute).join('+'))
    .join(',')
}

function escape2253(value: string): string {
  const escaped = value
    .replace(/[,+"\\<>;]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(/(?<!^) $/, '\\ ')
  return hexOutsideAscii(escaped, '\\')
}

/**
 * Reads either text form, in any of the spellings registries use (`Email`, `E`, `USERID`, dotted numbers).
 *
 * One-line: a `/` begins a new part only before `type=`, so `CN=host/x.org` is one value; `\/`, `\\`, `\+` and `\xHH`
 * are escapes. Everything else is RFC 2253 with the quotes of RFC 1779.
 *
 * @throws {NameUnreadable}
 */
export function readName(text: string): readonly Rdn[] {
  const rdns = text.startsWith('/') ? readOneLine(text) : readRfc2253(text)
  if (rdns.length === 0 || rdns.length > 100) throw new NameUnreadable(text, 'it has no parts, or more than 100')
  return rdns
}

/**
 * The key under which a name is found by its text: attribute types and exact values, string types and spellings of
 * types left aside. Made from parsed names on both sides, so a value that looks like several parts never matches them.
 */
export function textKey(name: Name | readonly Rdn[]): string {
  if (!('rdns' in name)) return keyOf(name)
  const known = textKeys.get(name) ?? keyOf(name.rdns)
  textKeys.set(name, known)
  return known
}

const textKeys = new WeakMap<Name, string>()

function keyOf(rdns: readonly Rdn[]): string {
  return rdns
    .map((rdn) =>
      rdn
        .map(({ type, value }) => `${type}=${value.normalize('NFC')}`)
        .sort()
        .join('\u0001'),
    )
    .join('\u0002')
}

const partStart = new RegExp(`^/(${typePattern})=`, 'i')
const anotherAttribute = new RegExp(`^\\+(${typePattern})=`, 'i')

function readOneLine(text: string): Rdn[] {
  const rdns: NameAttribute[][] = []
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at, at + 80)
    const part = partStart.exec(rest)
    const start = part ?? (rdns.length > 0 ? anotherAttribute.exec(rest) : null)
    if (start === null) throw new NameUnreadable(text, `there is no type= at character ${at + 1}`)
    at += start[0].length
    const bytes: Buffer[] = []
    while (at < text.length) {
      const character = text[at] as string
      if ((character === '/' || character === '+') && startsPart(text.slice(at, at + 80))) break
      const escaped = character === '\\' ? /^\\(?:x([0-9a-fA-F]{2})|([\\/+]))/.exec(text.slice(at, at + 4)) : null
      if (escaped !== null) {
        bytes.push(escaped[1] === undefined ? Buffer.from(escaped[2] as string) : Buffer.from(escaped[1], 'hex'))
        at += escaped[0].length
      } else {
        const point = String.fromCodePoint(text.codePointAt(at) as number)
        bytes.push(Buffer.from(point))
        at += point.length
      }
    }
    const attribute = { type: attributeType(start[1] as string) as string, value: asUtf8(text, Buffer.concat(bytes)) }
    if (part === null) rdns.at(-1)?.push(attribute)
    else rdns.push([attribute])
  }
  return rdns
}

const startsPart = (rest: string): boolean => partStart.test(rest) || anotherAttribute.test(rest)

function readRfc2253(text: string): Rdn[] {
  const rdns: NameAttribute[][] = [[]]
  let at = 0
  for (;;) {
    const equals = text.indexOf('=', at)
    const type = equals === -1 ? undefined : attributeType(text.slice(at, equals))
    if (type === undefined) throw new NameUnreadable(text, `there is no type= at character ${at + 1}`)
    const { value, end } = readValue2253(text, equals + 1)
    rdns.at(-1)?.push({ type, value })
    if (end >= text.length) break
    at = end + 1
    if (text[end] !== '+') rdns.push([])
  }
  // Inside a relative name the order means nothing; the parts themselves are written last first.
  return rdns.reverse()
}

function readValue2253(text: string, from: number): { value: string; end: number } {
  const bytes: Buffer[] = []
  let at = from
  while (text[at] === ' ') at++
  const raw = /^#((?:[0-9a-fA-F]{2})+)(?=[,;+]|$)/.exec(text.slice(at, at + 4096))
  if (raw !== null) return { value: rawMark + (raw[1] as string).toLowerCase(), end: at + raw[0].length }
  const quoted = text[at] === '"'
  if (quoted) at++
  let kept = 0
  for (;;) {
    const character = text[at]
    if (character === undefined) {
      if (quoted) throw new NameUnreadable(text, 'a quote is not closed')
      break
    }
    if (quoted ? character === '"' : character === ',' || character === ';' || character === '+') break
    if (character === '\\') {
      const escaped = /^\\(?:([0-9a-fA-F]{2})|([\s\S]))/.exec(text.slice(at, at + 3))
      if (escaped === null) throw new NameUnreadable(text, 'it ends with half an escape')
      bytes.push(escaped[1] === undefined ? Buffer.from(escaped[2] as string) : Buffer.from(escaped[1], 'hex'))
      at += escaped[0].length
      kept = bytes.length
    } else {
      const point = String.fromCodePoint(text.codePointAt(at) as number)
      bytes.push(Buffer.from(point))
      at += point.length
      if (quoted || point !== ' ') kept = bytes.length
    }
  }
  if (quoted) {
    at++
    while (text[at] === ' ') at++
    if (at < text.length && !',;+'.includes(text[at] as string)) {
      throw new NameUnreadable(text, 'there is text after a closing quote')
    }
  }
  return { value: asUtf8(text, Buffer.concat(bytes.slice(0, kept))), end: at }
}

function asUtf8(text: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new NameUnreadable(text, 'its escapes are not UTF-8')
  }
}
