/** A qualified name. The namespace is the empty text when there is none; so is the prefix. */
export interface QName {
  readonly namespace: string
  readonly local: string
  readonly prefix: string
}

/** An attribute; one without a prefix is in no namespace. Namespace declarations are not among the attributes. */
export interface XmlAttribute extends QName {
  /** Normalised as XML says: white space written as such is a space, references are resolved. */
  readonly value: string
}

/** The namespace prefixes in scope at an element: its own declarations, then those of the elements around it. */
export class PrefixScope {
  static readonly outermost = new PrefixScope(
    new Map([
      ['', ''],
      ['xml', 'http://www.w3.org/XML/1998/namespace'],
    ]),
  )

  private constructor(
    /** What the element itself declares; the default namespace has the empty prefix. */
    readonly declared: ReadonlyMap<string, string>,
    private readonly around?: PrefixScope,
  ) {}

  within(declared: ReadonlyMap<string, string>): PrefixScope {
    return declared.size === 0 ? this : new PrefixScope(declared, this)
  }

  /** The namespace of a prefix; undefined when it is unbound. */
  get(prefix: string): string | undefined {
    for (let scope: PrefixScope | undefined = this; scope !== undefined; scope = scope.around) {
      const namespace = scope.declared.get(prefix)
      if (namespace !== undefined) return namespace
    }
    return undefined
  }
}

/** An element of a read-only tree. Comments and processing instructions are not kept; CDATA is text. */
export class XmlElement {
  constructor(
    readonly name: QName,
    /** In the order written. */
    readonly attributes: readonly XmlAttribute[],
    /** Elements and texts in the order written; adjacent text and CDATA are one text. */
    readonly children: readonly (XmlElement | string)[],
    readonly prefixes: PrefixScope,
    /** Where its start tag begins, from 1. */
    readonly line: number,
    readonly column: number,
  ) {}

  /** Its child elements; with a name, those of that name. The namespace is the element's own unless given. */
  elements(local?: string, namespace = this.name.namespace): XmlElement[] {
    return this.children.filter(
      (child): child is XmlElement =>
        typeof child !== 'string' &&
        (local === undefined || (child.name.local === local && child.name.namespace === namespace)),
    )
  }

  /** The first child element of that name, in the element's own namespace unless another is given. */
  child(local: string, namespace = this.name.namespace): XmlElement | undefined {
    return this.elements(local, namespace)[0]
  }

  /** Its own text, without that of its child elements, as written. */
  text(): string {
    return this.children.filter((child) => typeof child === 'string').join('')
  }

  attribute(local: string, namespace = ''): string | undefined {
    return this.attributes.find((one) => one.local === local && one.namespace === namespace)?.value
  }

  /**
   * The name that a text such as `wsa:Address` means at this element; undefined when it is no qualified name or its
   * prefix is unbound here. Without a prefix the default namespace applies.
   */
  qname(text: string): QName | undefined {
    const parts = /^(?:([^\s:]+):)?([^\s:]+)$/.exec(text.trim())
    if (parts === null) return undefined
    const [, prefix = '', local = ''] = parts
    const namespace = this.prefixes.get(prefix)
    return namespace === undefined ? undefined : { namespace, local, prefix }
  }
}
