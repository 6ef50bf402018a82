import type { SaxesParser, SaxesTagNS } from 'saxes'
import { PrefixScope, type XmlAttribute, XmlElement } from './element.ts'
import {
  XmlDoctypeRefused,
  XmlNamespaceMisused,
  XmlNoRoot,
  type XmlPlace,
  XmlTooDeep,
  XmlTooLong,
  XmlTooManyAttributes,
  XmlTooManyNodes,
} from './errors.ts'
import { refusalOf } from './saxes-fault.ts'

export interface XmlLimits {
  /** Bytes of the input, or UTF-16 code units when it is text. */
  readonly size: number
  /** Elements within elements, the root counted. */
  readonly depth: number
  /** Elements, comments, processing instructions and CDATA sections of the whole text. */
  readonly nodes: number
  /** Of one element, namespace declarations counted. */
  readonly attributes: number
  /** Characters of a name of an element or attribute. */
  readonly name: number
  /** Characters of an attribute's value. */
  readonly value: number
  /** Characters of one text, CDATA section, comment or processing instruction. */
  readonly text: number
}

export const xmlLimits: XmlLimits = {
  size: 10 * 1024 * 1024,
  depth: 100,
  nodes: 20_000,
  attributes: 256,
  name: 1024,
  value: 65_536,
  text: 512 * 1024,
}

const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/'
/** Characters that a name may hold but not begin with. */
const noNameStart = /^(?:[-.0-9\u00b7]|[\u0300-\u036f]|[\u203f\u2040])/

interface OpenElement {
  readonly name: string
  readonly line: number
  readonly scope: PrefixScope
  readonly children: (XmlElement | string)[]
}

/** Builds the tree of one text from the events of its parser, and holds the limits. */
export class TreeBuilder {
  #root: XmlElement | undefined
  readonly #open: OpenElement[] = []
  #lastClosed: OpenElement | undefined
  #text = ''
  #inTag = false
  #attributes = 0
  #nodes = 0
  #tagPlace = { line: 1, column: 1 }
  /** The offset at which the latest thing ended. */
  #mark = 0

  constructor(
    private readonly parser: SaxesParser<{ xmlns: true }>,
    private readonly source: string,
    private readonly file: string | undefined,
    private readonly limits: XmlLimits,
  ) {}

  root(): XmlElement {
    if (this.#root === undefined) throw new XmlNoRoot(this.#place())
    return this.#root
  }

  tagStarts(name: string): void {
    this.#endText()
    this.#tagPlace = this.#placeOfTag(name)
    this.#inTag = true
    this.#attributes = 0
    this.#mark = this.parser.position
    if (name.length > this.limits.name) throw new XmlTooLong(this.#place(), 'name', this.limits.name)
    if (this.#open.length >= this.limits.depth) throw new XmlTooDeep(this.#place(), this.limits.depth)
    this.#countNode()
    this.#checkLocal(name)
  }

  attribute({ name, value }: { readonly name: string; readonly value: string }): void {
    this.#mark = this.parser.position
    if (name.length > this.limits.name) throw new XmlTooLong(this.#place(), 'name', this.limits.name)
    if (value.length > this.limits.value) throw new XmlTooLong(this.#place(), 'attribute value', this.limits.value)
    this.#attributes += 1
    if (this.#attributes > this.limits.attributes) {
      throw new XmlTooManyAttributes({ file: this.file, ...this.#tagPlace }, this.limits.attributes)
    }
    this.#checkLocal(name)
  }

  open(tag: SaxesTagNS): void {
    this.#inTag = false
    this.#mark = this.parser.position
    const attributes: XmlAttribute[] = []
    const declared = new Map<string, string>()
    for (const { uri, local, prefix, value } of Object.values(tag.attributes)) {
      if (uri === xmlnsNamespace) declared.set(prefix === '' ? '' : local, value.trim())
      else attributes.push({ namespace: uri, local, prefix, value })
    }
    const scope = (this.#open.at(-1)?.scope ?? PrefixScope.outermost).within(declared)
    const name = { namespace: tag.uri, local: tag.local, prefix: tag.prefix }
    const children: (XmlElement | string)[] = []
    const { line, column } = this.#tagPlace
    const element = new XmlElement(name, attributes, children, scope, line, column)
    const parent = this.#open.at(-1)
    if (parent === undefined) this.#root ??= element
    else parent.children.push(element)
    this.#open.push({ name: tag.name, line, scope, children })
  }

  close(): void {
    this.#endText()
    this.#mark = this.parser.position
    this.#lastClosed = this.#open.pop()
  }

  text(part: string): void {
    this.#mark = this.parser.position
    if (this.#open.length === 0) return
    this.#text += part
    this.#checkLength(this.#text)
  }

  cdata(part: string): void {
    this.#countNode()
    this.text(part)
  }

  skipped(part: string): void {
    this.#countNode()
    this.#mark = this.parser.position
    this.#checkLength(part)
  }

  doctype(): never {
    throw new XmlDoctypeRefused(this.#place())
  }

  /** Called between pieces, with the characters fed so far: refuses what grows beyond its limit before its end is seen. */
  watch(fed: number): void {
    const pending = fed - this.#mark
    if (!this.#inTag) {
      if (pending > this.limits.text) throw new XmlTooLong(this.#place(), 'text', this.limits.text)
    } else if (pending > this.limits.value + this.limits.name) {
      throw new XmlTooLong({ file: this.file, ...this.#tagPlace }, 'attribute value', this.limits.value)
    }
  }

  fault(message: string): never {
    const at = this.parser.position
    // The parser ends the innermost element before it compares the names.
    const closing = message.startsWith('unexpected close tag')
    throw refusalOf(message, {
      place: this.#place(),
      open: closing ? this.#lastClosed : this.#open.at(-1),
      lately: this.source.slice(Math.max(0, at - 200), at),
      inTag: this.#inTag,
    })
  }

  #countNode(): void {
    this.#nodes += 1
    if (this.#nodes > this.limits.nodes) throw new XmlTooManyNodes(this.#place(), this.limits.nodes)
  }

  #endText(): void {
    if (this.#text === '') return
    this.#open.at(-1)?.children.push(this.#text)
    this.#text = ''
  }

  #checkLength(part: string): void {
    if (part.length > this.limits.text) throw new XmlTooLong(this.#place(), 'text', this.limits.text)
  }

  /** The parser looks at the first character of a name, not at that of its local part. */
  #checkLocal(name: string): void {
    const local = name.slice(name.indexOf(':') + 1)
    if (noNameStart.test(local))
      throw new XmlNamespaceMisused(this.#place(), `the name ${name.slice(0, 80)} is malformed`)
  }

  #place(): XmlPlace {
    return { file: this.file, line: this.parser.line, column: Math.max(1, this.parser.columnIndex) }
  }

  /** Where the `<` of a start tag stands, now that the parser is behind its name and the one character after it. */
  #placeOfTag(name: string): { line: number; column: number } {
    const { line, columnIndex, position } = this.parser
    const after = this.source[position - 1]
    if (after !== '\n' && after !== '\r') return { line, column: columnIndex - name.length - 1 }
    const lineEnd = this.source[position - 2] === '\r' && after === '\n' ? position - 2 : position - 1
    const start = lineEnd - name.length - 1
    let lineStart = start
    while (lineStart > 0 && this.source[lineStart - 1] !== '\n' && this.source[lineStart - 1] !== '\r') lineStart -= 1
    return { line: line - 1, column: start - lineStart + 1 }
  }
}
