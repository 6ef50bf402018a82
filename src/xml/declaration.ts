import { XmlDeclarationInvalid, XmlDoctypeRefused } from './errors.ts'
import { placeAt } from './place-at.ts'

/** An XML declaration, and what stands before it where nothing may stand. */
export interface XmlDeclaration {
  readonly start: number
  readonly end: number
  readonly encoding: string | undefined
  /** What comes first in the text, when that is not the declaration: `a comment`, … */
  readonly before: { readonly what: string; readonly offset: number } | undefined
}

const space = '[ \\t\\r\\n]'
const value = (form: string) => `(?:"(${form})"|'(${form})')`
const declarationForm = new RegExp(
  `^<\\?xml${space}+version${space}*=${space}*${value('[^"\']*')}` +
    `(?:${space}+encoding${space}*=${space}*${value('[^"\']*')})?` +
    `(?:${space}+standalone${space}*=${space}*${value('yes|no')})?${space}*\\?>`,
)
/** No sensible declaration is longer; a longer one is not searched through. */
const longest = 512
/** Comments and the like that are looked behind for a declaration. */
const mostParts = 1000

/**
 * Finds the XML declaration of a text, also behind comments, processing instructions and white space.
 *
 * Undefined when there is none. A byte order mark is not part of the text any more.
 *
 * @throws {XmlDoctypeRefused} a DOCTYPE stands before the root element
 * @throws {XmlDeclarationInvalid} there is one, but it is malformed or not of XML 1.0
 */
export function findDeclaration(text: string, file: string | undefined): XmlDeclaration | undefined {
  let before: XmlDeclaration['before']
  for (let at = 0, parts = 0; at < text.length && parts < mostParts; parts += 1) {
    const next = prologPart(text, at)
    if (next === 'doctype') throw new XmlDoctypeRefused({ file, ...placeAt(text, at) })
    if (next === 'declaration') return { ...readDeclaration(text, at, file), before }
    if (next === undefined) return undefined
    before ??= { what: next.what, offset: at }
    at = next.end
  }
  return undefined
}

function prologPart(text: string, at: number): 'declaration' | 'doctype' | { what: string; end: number } | undefined {
  const end = (what: string, found: number, length: number) =>
    found === -1 ? undefined : { what, end: found + length }
  if (/[ \t\r\n]/.test(text.charAt(at))) {
    const white = /[ \t\r\n]+/y
    white.lastIndex = at
    white.exec(text)
    return { what: 'white space', end: white.lastIndex }
  }
  if (text.startsWith('<!--', at)) {
    const dashes = text.indexOf('--', at + 4)
    return text.startsWith('-->', dashes) ? end('a comment', dashes, 3) : undefined
  }
  if (/^<!doctype/i.test(text.slice(at, at + 9))) return 'doctype'
  if (/^<\?xml[ \t\r\n?]/.test(text.slice(at, at + 6))) return 'declaration'
  if (text.startsWith('<?', at)) return end('a processing instruction', text.indexOf('?>', at + 2), 2)
  return undefined
}

function readDeclaration(text: string, start: number, file: string | undefined): Omit<XmlDeclaration, 'before'> {
  const found = declarationForm.exec(text.slice(start, start + longest))
  const refuse = (cause: string) => new XmlDeclarationInvalid({ file, ...placeAt(text, start) }, cause)
  if (found === null) throw refuse('the XML declaration is malformed')
  const version = found[1] ?? found[2]
  if (version !== '1.0') throw refuse(`the XML declaration names version ${version}, and only 1.0 is read`)
  const encoding = found[3] ?? found[4]
  if (encoding !== undefined && !/^[A-Za-z][A-Za-z0-9._-]*$/.test(encoding)) {
    throw refuse('the XML declaration names an encoding that is no name')
  }
  return { start, end: start + found[0].length, encoding }
}
