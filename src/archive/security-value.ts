import type { XmlElement } from '../xml/element.ts'
import { type DescriptorReader, truthOf } from './descriptor-reader.ts'

/** The attribute `value` of an element that holds nothing else. */
export function readValue(reader: DescriptorReader, element: XmlElement): string | undefined {
  readEmpty(reader, element, ['value'])
  return reader.required(element, 'value')
}

export function readTruth(reader: DescriptorReader, element: XmlElement): boolean | undefined {
  const value = readValue(reader, element)
  if (value === undefined) return undefined
  // What can't be read is an error; until somebody corrects it the strict meaning holds.
  return truthOf(value) ?? reader.truth(value, true, `<${element.name.local}>`, element)
}

export function readNumber(reader: DescriptorReader, element: XmlElement): number | undefined {
  const value = readValue(reader, element)
  if (value === undefined) return undefined
  if (/^\d{1,10}$/.test(value)) return Number(value)
  reader.report(
    'error',
    'number',
    `<${element.name.local}> is “${value.slice(0, 100)}”, and not a whole number`,
    element,
  )
  return undefined
}

/** An element that says everything by its name and attributes. */
export function readEmpty(reader: DescriptorReader, element: XmlElement, attributes: readonly string[] = []): void {
  reader.attributes(element, attributes)
  reader.children(element, {})
  if (element.elements().length === 0 && element.text().trim() !== '') {
    reader.report('error', 'text', `<${element.name.local}> holds text, which nothing reads`, element)
  }
}
