import {
  XmlDeclarationInvalid,
  XmlDeclarationMisplaced,
  XmlDoctypeRefused,
  XmlDuplicateAttribute,
  XmlIllegalCharacter,
  XmlNamespaceMisused,
  XmlNoRoot,
  type XmlPlace,
  XmlReferenceRefused,
  type XmlRefused,
  XmlSyntaxWrong,
  XmlTagMismatch,
  XmlTextOutsideRoot,
  XmlTwoRoots,
  XmlUnboundPrefix,
  XmlUnfinished,
} from './errors.ts'

/** What the reader knows beside the parser's message. */
export interface FaultContext {
  readonly place: XmlPlace
  /** The innermost element that is open, or was until the faulty end tag. */
  readonly open: { readonly name: string; readonly line: number } | undefined
  /** Just before the place, some characters. */
  readonly lately: string
  /** In a start tag. */
  readonly inTag: boolean
}

type Refuse = (context: FaultContext, found: RegExpExecArray) => XmlRefused

const closes = ({ place, open, lately }: FaultContext) => {
  const name = /<\/\s*([^<>]*?)\s*>?$/.exec(lately)?.[1]?.slice(0, 80) ?? ''
  if (open === undefined) return new XmlTagMismatch(place, `</${name}> closes nothing`)
  return new XmlTagMismatch(place, `</${name}> closes <${open.name}> of line ${open.line}`)
}
const syntax: Refuse = ({ place }, [message]) => new XmlSyntaxWrong(place, message.replace(/\.$/, ''))

/** The messages of saxes 6.0.0, each with the refusal it is; the first that fits counts. */
const faults: readonly (readonly [RegExp, Refuse])[] = [
  [
    /^disallowed character\.$/,
    ({ place, lately, inTag }) =>
      inTag && lately.endsWith('<')
        ? new XmlSyntaxWrong(place, 'an attribute value holds <')
        : new XmlIllegalCharacter(place, `the character ${codeOfLast(lately)} is not allowed in XML`),
  ],
  [/^inappropriately located doctype/, ({ place }) => new XmlDoctypeRefused(place)],
  [/^documents may contain only one root/, ({ place }) => new XmlTwoRoots(place)],
  [/^document must contain a root element/, ({ place }) => new XmlNoRoot(place)],
  [/^text data outside of root node/, ({ place }) => new XmlTextOutsideRoot(place)],
  [/^(unexpected close tag|unmatched closing tag|weird empty close tag)/, closes],
  [
    /^unclosed tag: (.*)$/s,
    ({ place, open }, [, name]) =>
      new XmlUnfinished(place, `the text ends within <${name}>${open === undefined ? '' : ` of line ${open.line}`}`),
  ],
  [/^unexpected end/, ({ place }) => new XmlUnfinished(place, 'the text ends within markup')],
  [/^duplicate attribute: (.*)\.$/s, ({ place }, [, name = '']) => new XmlDuplicateAttribute(place, name)],
  [/^unbound namespace prefix: "(.*)"\.$/s, ({ place }, [, prefix = '']) => new XmlUnboundPrefix(place, prefix)],
  [
    /^(xml prefix must|xmlns prefix must|the default namespace may|may not assign|tags may not have|invalid attempt to undefine|malformed name)/,
    ({ place }, { input }) => new XmlNamespaceMisused(place, input.replace(/\.$/, '')),
  ],
  [/^undefined entity/, ({ place }) => new XmlReferenceRefused(place, 'an entity is used that XML does not define')],
  [
    /^malformed character entity/,
    ({ place }) => new XmlReferenceRefused(place, 'a character reference names no character allowed in XML'),
  ],
  [
    /^(empty entity name|disallowed character in entity name)/,
    ({ place }) => new XmlReferenceRefused(place, 'an & stands here that begins no reference'),
  ],
  [
    /^an XML declaration must be at the start/,
    ({ place }) => new XmlDeclarationMisplaced(place, 'a part of the document', 'remove the second XML declaration'),
  ],
  [
    /^the XML declaration must appear at the start/,
    ({ place }) => new XmlDeclarationInvalid(place, 'the XML declaration must be written in lower case'),
  ],
  [/^.*$/s, syntax],
]

function codeOfLast(lately: string): string {
  const code = [...lately].at(-1)?.codePointAt(0) ?? 0
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

/** The refusal that a message of the parser is. */
export function refusalOf(message: string, context: FaultContext): XmlRefused {
  for (const [pattern, refuse] of faults) {
    const found = pattern.exec(message)
    if (found !== null) return refuse(context, found)
  }
  return new XmlSyntaxWrong(context.place, message)
}
