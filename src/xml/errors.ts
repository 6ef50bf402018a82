import { DhnError } from '../service/errors.ts'

/** A place in an XML text. Lines and columns count from 1; a column counts UTF-16 code units. */
export interface XmlPlace {
  readonly file?: string | undefined
  readonly line: number
  readonly column: number
}

/** The root of every refusal of an XML text: `<file>, line <n>: <cause>`, with the place as fields. */
export abstract class XmlRefused extends DhnError {
  readonly file?: string
  readonly line: number
  readonly column: number

  constructor(cause: string, place: XmlPlace, next: string) {
    super(`${place.file ?? 'XML text'}, line ${place.line}: ${cause}`, { next })
    if (place.file !== undefined) this.file = place.file
    this.line = place.line
    this.column = place.column
  }
}

/** There is a document type declaration. None is ever read: entities and files named in one can do harm. */
export class XmlDoctypeRefused extends XmlRefused {
  readonly code = 'DHN_XML_DOCTYPE'
  constructor(place: XmlPlace) {
    super('a DOCTYPE stands here, and none is accepted', place, 'remove the DOCTYPE and write out its entities')
  }
}

export class XmlTooLarge extends XmlRefused {
  readonly code = 'DHN_XML_TOO_LARGE'
  constructor(
    place: XmlPlace,
    readonly size: number,
    readonly limit: number,
  ) {
    super(`the text has ${size} bytes, more than the limit of ${limit}`, place, 'make the file smaller')
  }
}

export class XmlTooDeep extends XmlRefused {
  readonly code = 'DHN_XML_TOO_DEEP'
  constructor(
    place: XmlPlace,
    readonly limit: number,
  ) {
    super(`elements are nested more than ${limit} deep`, place, 'nest fewer elements')
  }
}

export class XmlTooManyNodes extends XmlRefused {
  readonly code = 'DHN_XML_TOO_MANY_NODES'
  constructor(
    place: XmlPlace,
    readonly limit: number,
  ) {
    super(`there are more than ${limit} elements, comments and other parts`, place, 'split the file')
  }
}

export class XmlTooManyAttributes extends XmlRefused {
  readonly code = 'DHN_XML_TOO_MANY_ATTRIBUTES'
  constructor(
    place: XmlPlace,
    readonly limit: number,
  ) {
    super(`an element has more than ${limit} attributes`, place, 'give the element fewer attributes')
  }
}

export class XmlTooLong extends XmlRefused {
  readonly code = 'DHN_XML_TOO_LONG'
  constructor(
    place: XmlPlace,
    readonly what: 'name' | 'attribute value' | 'text',
    readonly limit: number,
  ) {
    super(`${what === 'attribute value' ? 'an' : 'a'} ${what} is longer than ${limit} characters`, place, 'shorten it')
  }
}

/** The same attribute twice, by its name as written or by namespace and local name. */
export class XmlDuplicateAttribute extends XmlRefused {
  readonly code = 'DHN_XML_DUPLICATE_ATTRIBUTE'
  constructor(
    place: XmlPlace,
    readonly attribute: string,
  ) {
    super(`the attribute ${attribute} stands twice in one element`, place, 'remove one of the two')
  }
}

export class XmlUnboundPrefix extends XmlRefused {
  readonly code = 'DHN_XML_UNBOUND_PREFIX'
  constructor(
    place: XmlPlace,
    readonly prefix: string,
  ) {
    super(`the prefix ${prefix} is bound to no namespace`, place, `declare it with xmlns:${prefix}="…"`)
  }
}

/** A rule of Namespaces in XML 1.0 other than an unbound prefix: a malformed qualified name, a reserved prefix or URI. */
export class XmlNamespaceMisused extends XmlRefused {
  readonly code = 'DHN_XML_NAMESPACE'
  constructor(place: XmlPlace, cause: string) {
    super(cause, place, 'correct the name or the namespace declaration')
  }
}

export class XmlTagMismatch extends XmlRefused {
  readonly code = 'DHN_XML_TAG_MISMATCH'
  constructor(place: XmlPlace, cause: string) {
    super(cause, place, 'close each element with its own name')
  }
}

export class XmlTwoRoots extends XmlRefused {
  readonly code = 'DHN_XML_TWO_ROOTS'
  constructor(place: XmlPlace) {
    super('a second root element starts here', place, 'keep one root element')
  }
}

export class XmlNoRoot extends XmlRefused {
  readonly code = 'DHN_XML_NO_ROOT'
  constructor(place: XmlPlace) {
    super('there is no root element', place, 'check that this is the right file and that it is whole')
  }
}

export class XmlTextOutsideRoot extends XmlRefused {
  readonly code = 'DHN_XML_TEXT_OUTSIDE_ROOT'
  constructor(place: XmlPlace) {
    super('there is text outside the root element', place, 'remove it')
  }
}

/** A reference to anything but the five entities of XML and the characters XML allows. */
export class XmlReferenceRefused extends XmlRefused {
  readonly code = 'DHN_XML_REFERENCE'
  constructor(place: XmlPlace, cause: string) {
    super(cause, place, 'write the character itself, or &amp; for an ampersand')
  }
}

export class XmlIllegalCharacter extends XmlRefused {
  readonly code = 'DHN_XML_CHARACTER'
  constructor(place: XmlPlace, cause: string) {
    super(cause, place, 'remove the character')
  }
}

export class XmlEncodingUnsupported extends XmlRefused {
  readonly code = 'DHN_XML_ENCODING_UNSUPPORTED'
  constructor(
    place: XmlPlace,
    readonly encoding: string,
  ) {
    super(`the encoding ${encoding} is not read here`, place, 'convert the file to UTF-8')
  }
}

export class XmlEncodingMismatch extends XmlRefused {
  readonly code = 'DHN_XML_ENCODING_MISMATCH'
  constructor(
    place: XmlPlace,
    readonly declared: string,
    readonly found: string,
  ) {
    super(`the text is declared as ${declared}, but its bytes are ${found}`, place, 'make the declaration true')
  }
}

export class XmlBytesInvalid extends XmlRefused {
  readonly code = 'DHN_XML_BYTES'
  constructor(
    place: XmlPlace,
    readonly encoding: string,
  ) {
    super(`the bytes are not valid ${encoding}`, place, 'save the file as UTF-8')
  }
}

/** Something stands before the XML declaration. Real descriptors have it: the lenient reading drops it. */
export class XmlDeclarationMisplaced extends XmlRefused {
  readonly code = 'DHN_XML_DECLARATION_MISPLACED'
  constructor(
    place: XmlPlace,
    readonly before: string,
    next: string,
  ) {
    super(`${before} stands before the XML declaration`, place, next)
  }
}

export class XmlDeclarationInvalid extends XmlRefused {
  readonly code = 'DHN_XML_DECLARATION_INVALID'
  constructor(place: XmlPlace, cause: string) {
    super(cause, place, 'write <?xml version="1.0" encoding="UTF-8"?>')
  }
}

export class XmlUnfinished extends XmlRefused {
  readonly code = 'DHN_XML_UNFINISHED'
  constructor(place: XmlPlace, cause: string) {
    super(cause, place, 'check that the file is whole')
  }
}

export class XmlSyntaxWrong extends XmlRefused {
  readonly code = 'DHN_XML_SYNTAX'
  constructor(place: XmlPlace, cause: string) {
    super(cause, place, 'correct the markup')
  }
}
