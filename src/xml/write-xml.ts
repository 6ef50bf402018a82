import { XMLBuilder } from 'fast-xml-parser'

/** An element to be written: its attributes in order, then either one text or its children. */
export interface XmlNode {
  readonly name: string
  /** Those that are undefined are left out. */
  readonly attributes?: Readonly<Record<string, string | undefined>>
  readonly content?: string | readonly XmlNode[]
}

const builder = new XMLBuilder({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  suppressEmptyNode: true,
  format: true,
  processEntities: true,
})

/** The text of a document with this root, in UTF-8 and with indentation. Characters that XML needs escaped are. */
export function writeXml(root: XmlNode): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${builder.build([ordered(root)])}\n`
}

/** The form in which the builder keeps the order of elements. */
function ordered({ name, attributes = {}, content = [] }: XmlNode): Record<string, unknown> {
  const children = typeof content === 'string' ? [{ '#text': content }] : content.map(ordered)
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined)
  return { [name]: children, ...(given.length === 0 ? {} : { ':@': Object.fromEntries(given) }) }
}
