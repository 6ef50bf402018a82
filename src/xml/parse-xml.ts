import { SaxesParser, type SaxesTagNS } from 'saxes'
import { findDeclaration, type XmlDeclaration } from './declaration.ts'
import { checkEncoding, decodeXml } from './decode.ts'
import type { XmlElement } from './element.ts'
import { XmlDeclarationMisplaced, XmlIllegalCharacter, XmlTextOutsideRoot, XmlTooLarge } from './errors.ts'
import { placeAt } from './place-at.ts'
import { TreeBuilder, type XmlLimits, xmlLimits } from './tree-builder.ts'

export interface XmlOptions {
  /** The name of the file, for messages. */
  readonly file?: string | undefined
  /** Accepts comments, processing instructions and white space before the XML declaration, and reports them. */
  readonly lenient?: boolean | undefined
  readonly limits?: Partial<XmlLimits> | undefined
}

/** Something odd that a lenient reading let pass. It has the form of an archive's problem. */
export interface XmlProblem {
  readonly level: 'warning'
  readonly code: 'xml-declaration-misplaced'
  readonly message: string
  readonly file?: string
  readonly line: number
}

export interface XmlDocument {
  readonly root: XmlElement
  readonly problems: readonly XmlProblem[]
}

/** The parser is fed pieces of this many characters, and limits on what has no end yet are looked at in between. */
const piece = 16_384

/**
 * Reads an XML 1.0 text with namespaces, strictly: what is not well-formed is refused, and a DOCTYPE always is.
 *
 * Nothing but the text is read, and the time it takes grows with its length alone.
 *
 * @throws {XmlRefused} one class for each cause, with the line and column
 */
export function parseXml(input: string | Uint8Array, options: XmlOptions = {}): XmlDocument {
  const { file } = options
  const limits = { ...xmlLimits, ...options.limits }
  if (input.length > limits.size) throw new XmlTooLarge({ file, line: 1, column: 1 }, input.length, limits.size)
  const text = typeof input === 'string' ? checkedText(input, file) : decodeXml(input, file).text
  if (text.startsWith('\ufeff')) throw new XmlTextOutsideRoot({ file, line: 1, column: 1 })

  const declaration = findDeclaration(text, file)
  if (typeof input === 'string') {
    checkEncoding(declaration?.encoding, 'text', { file, ...placeAt(text, declaration?.start ?? 0) })
  }
  const misplaced = declaration?.before && misplacement(text, declaration.before, options)
  return { root: buildTree(text, declaration, file, limits), problems: misplaced === undefined ? [] : [misplaced] }
}

function checkedText(input: string, file: string | undefined): string {
  const text = input.startsWith('\ufeff') ? input.slice(1) : input
  // The parser takes a lone surrogate and its neighbour for a pair.
  const lone = /\p{Surrogate}/u.exec(text)
  if (lone !== null) {
    throw new XmlIllegalCharacter(
      { file, ...placeAt(text, lone.index) },
      'half a character stands here (a lone surrogate)',
    )
  }
  return text
}

function misplacement(text: string, before: { what: string; offset: number }, options: XmlOptions): XmlProblem {
  const { file, lenient } = options
  const place = placeAt(text, before.offset)
  if (lenient !== true) {
    throw new XmlDeclarationMisplaced({ file, ...place }, before.what, 'remove it, or accept the file with --lenient')
  }
  return {
    level: 'warning',
    code: 'xml-declaration-misplaced',
    message: `${before.what} stands before the XML declaration; it was dropped`,
    ...(file === undefined ? {} : { file }),
    line: place.line,
  }
}

function buildTree(
  text: string,
  declaration: XmlDeclaration | undefined,
  file: string | undefined,
  limits: XmlLimits,
): XmlElement {
  const parser = new SaxesParser({
    xmlns: true,
    position: false,
    forceXMLVersion: true,
    defaultXMLVersion: '1.0',
  } as const)
  const builder = new TreeBuilder(parser, text, file, limits)
  parser.on('error', (error) => builder.fault(error.message))
  parser.on('doctype', () => builder.doctype())
  parser.on('opentagstart', (tag) => builder.tagStarts(tag.name))
  parser.on('attribute', (attribute) => builder.attribute(attribute))
  parser.on('opentag', (tag: SaxesTagNS) => builder.open(tag))
  parser.on('closetag', () => builder.close())
  parser.on('text', (part) => builder.text(part))
  parser.on('cdata', (part) => builder.cdata(part))
  parser.on('comment', (part) => builder.skipped(part))
  parser.on('processinginstruction', ({ target, body }) => builder.skipped(target + body))

  let fed = 0
  const write = (part: string) => {
    for (let at = 0; at < part.length; at += piece) {
      parser.write(part.slice(at, at + piece))
      fed += Math.min(piece, part.length - at)
      builder.watch(fed)
    }
  }
  // The declaration has been read; blanks keep its place, so that lines and columns stay true in a lenient reading too.
  const { start, end } = declaration ?? { start: 0, end: 0 }
  write(text.slice(0, start) + text.slice(start, end).replace(/[^\r\n]/g, ' '))
  write(text.slice(end))
  parser.close()
  return builder.root()
}
