import { DhnError } from '../service/errors.ts'
import type { XmlElement } from '../xml/element.ts'
import { parseXml } from '../xml/parse-xml.ts'
import type { Problem } from './problem.ts'

export interface DescriptorOptions {
  /** The path inside the archive, for messages and problems. */
  readonly file?: string | undefined
  /** Accepts what stands before the XML declaration, and reports it. */
  readonly lenient?: boolean | undefined
}

/** The root element says that the file is not the descriptor it was taken for. */
export class DescriptorRootWrong extends DhnError {
  readonly code = 'DHN_DESCRIPTOR_ROOT'
  readonly file?: string
  constructor(
    readonly kind: string,
    readonly expected: string,
    readonly found: string,
    readonly line: number,
    file: string | undefined,
  ) {
    super(`${file ?? kind}, line ${line}: the root element is ${found}, and a ${kind} has ${expected}`, {
      next: `check that the file is a ${kind} and that its namespace is written right`,
    })
    if (file !== undefined) this.file = file
  }
}

/** What a descriptor must be: the words are those of its messages. */
export interface DescriptorKind {
  /** `WSDD`, `JNDI configuration`, … */
  readonly words: string
  /** The first part of the codes of its problems, such as `wsdd`. */
  readonly code: string
  readonly root: string
  readonly namespace: string
  /** A root without any namespace is accepted, and reported. */
  readonly namespaceOptional?: boolean
}

/**
 * Reads the XML of a descriptor and collects what is odd in it.
 *
 * What a reader doesn't know is reported, never dropped in silence; what would change the meaning is an error.
 */
export class DescriptorReader {
  readonly root: XmlElement
  readonly problems: Problem[]

  /**
   * @throws {XmlRefused} the text is not well-formed
   * @throws {DescriptorRootWrong} the root element has another name or namespace
   */
  constructor(
    input: string | Uint8Array,
    private readonly kind: DescriptorKind,
    private readonly options: DescriptorOptions,
  ) {
    const { root, problems } = parseXml(input, options)
    const { local, namespace } = root.name
    const bare = namespace === '' && kind.namespaceOptional === true
    if (local !== kind.root || (namespace !== kind.namespace && !bare)) {
      throw new DescriptorRootWrong(
        kind.words,
        expanded(kind.root, kind.namespace),
        expanded(local, namespace),
        root.line,
        options.file,
      )
    }
    this.root = root
    this.problems = [...problems]
    if (namespace !== kind.namespace) {
      this.report('warning', 'no-namespace', `<${local}> lacks the namespace ${kind.namespace}`, root)
    }
  }

  /** Reports `<kind>-<word>` at an element. */
  report(level: Problem['level'], word: string, message: string, at: XmlElement): void {
    const { file } = this.options
    const code = `${this.kind.code}-${word}`
    this.problems.push({ level, code, message, ...(file === undefined ? {} : { file }), line: at.line })
  }

  /**
   * Hands each child element to the reader of its name, in the order written.
   *
   * A name without a reader is reported; a known one in another namespace too, as an error, as it would be lost.
   */
  children(parent: XmlElement, readers: Readonly<Record<string, (child: XmlElement) => void>>): void {
    for (const child of parent.elements()) {
      const { local, namespace } = child.name
      const known = Object.hasOwn(readers, local)
      if (known && namespace === this.root.name.namespace) readers[local]?.(child)
      else if (known) {
        this.report('error', 'namespace', `${expanded(local, namespace)} has a namespace that is not the file's`, child)
      } else this.report('warning', 'unknown-element', `<${local}> is not known in <${parent.name.local}>`, child)
    }
    if (parent.elements().length > 0 && parent.text().trim() !== '') {
      this.report('warning', 'text', `<${parent.name.local}> holds text between its elements`, parent)
    }
  }

  /** Reports child elements that stand more than once where one is meant: the first is read. */
  once(parent: XmlElement, locals: readonly string[]): void {
    for (const local of locals) {
      const second = parent.elements(local)[1]
      if (second === undefined) continue
      this.report('warning', 'repeated', `<${local}> stands twice in <${parent.name.local}>: the first counts`, second)
    }
  }

  /** Reports attributes that are not known; those in a namespace, such as `xsi:type`, are others' business. */
  attributes(element: XmlElement, known: readonly string[]): void {
    for (const { local, namespace, value } of element.attributes) {
      if (namespace !== '' || known.includes(local)) continue
      const message = `the attribute ${local}="${value.slice(0, 100)}" of <${element.name.local}> is not known`
      this.report('note', 'unknown-attribute', message, element)
    }
  }

  /** An attribute, trimmed; reported as an error when it is missing or empty. */
  required(element: XmlElement, attribute: string): string | undefined {
    const value = element.attribute(attribute)?.trim()
    if (value !== undefined && value !== '') return value
    this.report('error', `no-${attribute}`, `<${element.name.local}> has no ${attribute}`, element)
    return undefined
  }

  /** A truth value in the spelling of XML Schema or Java; an error, and `otherwise`, when it is none. */
  truth(text: string, otherwise: boolean, what: string, at: XmlElement): boolean {
    const value = truthOf(text)
    if (value === undefined) this.report('error', 'boolean', `${what} is “${text.trim()}”, and not true or false`, at)
    return value ?? otherwise
  }
}

/** `true`, `1` and `yes`, `false`, `0` and `no`, in any case; undefined when it is none of them. */
export function truthOf(text: string): boolean | undefined {
  const word = text.trim().toLowerCase()
  if (['true', '1', 'yes'].includes(word)) return true
  return ['false', '0', 'no'].includes(word) ? false : undefined
}

/** The words of a list separated by white space (line ends too) or commas. */
export function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '')
}

function expanded(local: string, namespace: string): string {
  return namespace === '' ? `<${local}> without a namespace` : `{${namespace}}${local}`
}
