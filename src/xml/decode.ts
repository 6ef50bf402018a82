import { findDeclaration } from './declaration.ts'
import { XmlBytesInvalid, XmlEncodingMismatch, XmlEncodingUnsupported, type XmlPlace } from './errors.ts'
import { placeAt } from './place-at.ts'

/** How the bytes of a text were read. `text`: it came as text, nothing is known of its bytes. */
export type FoundEncoding = 'UTF-8' | 'UTF-16' | 'ASCII' | 'text'

const start = { line: 1, column: 1 }
/** Encodings whose texts are the same bytes in UTF-8 as long as they hold ASCII alone. */
const asciiBased = /^(US-ASCII|ASCII|ISO-?8859-\d+|LATIN-?1|WINDOWS-125\d|CP125\d)$/

/**
 * The text of the bytes of an XML file, without its byte order mark.
 *
 * UTF-8 with or without a byte order mark and UTF-16 with one are read. What the XML declaration says, wherever it
 * stands, must be true of the bytes.
 *
 * @throws {XmlEncodingUnsupported} the bytes or the declaration are of another encoding
 * @throws {XmlEncodingMismatch} the declaration says another encoding than the bytes have
 * @throws {XmlBytesInvalid} the bytes are not valid in the encoding found
 * @throws {XmlDoctypeRefused} and {XmlDeclarationInvalid} as `findDeclaration`
 */
export function decodeXml(bytes: Uint8Array, file?: string): { readonly text: string; readonly found: FoundEncoding } {
  const decoded = decodeBytes(bytes, file)
  const declaration = findDeclaration(decoded.text, file)
  checkEncoding(declaration?.encoding, decoded.found, { file, ...placeAt(decoded.text, declaration?.start ?? 0) })
  return decoded
}

function decodeBytes(bytes: Uint8Array, file: string | undefined): { text: string; found: FoundEncoding } {
  const begin = (...wanted: number[]) => wanted.every((byte, index) => bytes[index] === byte)
  const unsupported = (encoding: string) => new XmlEncodingUnsupported({ file, ...start }, encoding)
  if (begin(0xff, 0xfe, 0, 0) || begin(0, 0, 0xfe, 0xff) || begin(0, 0, 0, 0x3c) || begin(0x3c, 0, 0, 0)) {
    throw unsupported('UTF-32')
  }
  if (begin(0xfe, 0xff)) return { text: decode(bytes, 'utf-16be', file), found: 'UTF-16' }
  if (begin(0xff, 0xfe)) return { text: decode(bytes, 'utf-16le', file), found: 'UTF-16' }
  if (begin(0, 0x3c) || begin(0x3c, 0)) throw unsupported('UTF-16 without a byte order mark')
  if (begin(0x4c, 0x6f, 0xa7, 0x94)) throw unsupported('EBCDIC')
  const text = decode(bytes, 'utf-8', file)
  return { text, found: text.length === bytes.length ? 'ASCII' : 'UTF-8' }
}

function decode(bytes: Uint8Array, encoding: 'utf-8' | 'utf-16be' | 'utf-16le', file: string | undefined): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    const declared = /^<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.-]+)/.exec(
      Buffer.from(bytes.subarray(0, 300)).toString('latin1'),
    )?.[1]
    if (declared !== undefined && asciiBased.test(declared.toUpperCase())) {
      throw new XmlEncodingUnsupported({ file, ...start }, declared)
    }
    const text = new TextDecoder(encoding).decode(bytes)
    throw new XmlBytesInvalid({ file, ...placeAt(text, text.indexOf('\ufffd')) }, encoding.toUpperCase().slice(0, 6))
  }
}

/**
 * Holds the declared encoding against the bytes.
 *
 * A declaration of an encoding based on ASCII is true of bytes that are all ASCII, and such files are common.
 *
 * @throws {XmlEncodingMismatch} the bytes are not what is declared
 * @throws {XmlEncodingUnsupported} what is declared is not read here
 */
export function checkEncoding(declared: string | undefined, found: FoundEncoding, place: XmlPlace): void {
  if (declared === undefined) return
  const name = declared.toUpperCase()
  const is8 = name === 'UTF-8' || name === 'UTF8'
  const is16 = /^UTF-?16(LE|BE)?$/.test(name)
  if (found === 'text' ? is8 || is16 || asciiBased.test(name) : found === 'UTF-16' ? is16 : is8) return
  if (found === 'ASCII' && asciiBased.test(name)) return
  const known = is8 || is16 || /^(US-)?ASCII$/.test(name)
  if (!known) throw new XmlEncodingUnsupported(place, declared)
  throw new XmlEncodingMismatch(place, declared, found === 'ASCII' ? 'UTF-8' : found)
}
