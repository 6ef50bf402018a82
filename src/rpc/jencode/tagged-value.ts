import { PlainDate, serializableNamed } from '../../service/wire-values.ts'
import { JEncodeUnreadable } from './jencode-errors.ts'

const dateTime = /^(\d{4})-(\d{1,2})-(\d{1,2})\s+(\d{1,2}):(\d{1,2}):(\d{1,2})$/
const date = /^(\d{4})-(\d{1,2})-(\d{1,2})$/

/**
 * What an object with a `__dCls` stands for.
 *
 * An empty tag (null, false, 0, an empty text, list or object) is dropped and the rest is an object like any other.
 *
 * @throws {JEncodeUnreadable} the tag names no value that can be read
 */
export function untag(fields: Record<string, unknown>): unknown {
  const tag = fields.__dCls
  if (isEmpty(tag)) {
    delete fields.__dCls
    return fields
  }
  if (typeof tag !== 'string') throw new JEncodeUnreadable('an object has a __dCls that is no text')
  if (tag === 'dt' || tag === 'date' || tag === 'b64') return read[tag](fields.obj)
  return makeObject(tag, fields)
}

const read = {
  dt(text: unknown): Date {
    const [year, month, day, hour, minute, second] = numbers(text, dateTime, 'a dt')
    const value = new Date(Date.UTC(2000, 0, 1, hour, minute, second))
    value.setUTCFullYear(year, month - 1, day)
    const same = value.getUTCMonth() === month - 1 && value.getUTCDate() === day && year > 0
    if (!same || hour > 23 || minute > 59 || second > 59) throw new JEncodeUnreadable(`a dt is no time: ${text}`)
    return value
  },
  date(text: unknown): PlainDate {
    const [year, month, day] = numbers(text, date, 'a date')
    const value = new Date(Date.UTC(2000, month - 1, day))
    value.setUTCFullYear(year, month - 1, day)
    const same = value.getUTCMonth() === month - 1 && value.getUTCDate() === day && year > 0
    if (!same) throw new JEncodeUnreadable(`a date is no day: ${text}`)
    return new PlainDate(year, month, day)
  },
  b64(text: unknown): Buffer {
    if (typeof text !== 'string') throw new JEncodeUnreadable('a b64 has no text')
    const digits = base64Digits(text)
    if (digits === undefined) throw new JEncodeUnreadable('a b64 is no base64')
    return Buffer.from(digits, 'base64')
  },
}

/**
 * The digits of a base64 text as the original reads it: what is no digit is passed over, and all that stands behind a whole
 * padding. Undefined where it fails: a text that isn't ASCII, a padding that is missing or too short.
 */
function base64Digits(text: string): string | undefined {
  if (wholeBase64.test(text)) return text
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  if (!/^[\x00-\x7f]*$/.test(text)) return undefined
  const known = text.replace(/[^A-Za-z0-9+/=]/g, '')
  if (wholeBase64.test(known)) return known
  let digits = ''
  let padding = 0
  for (const sign of known) {
    if (sign !== '=') {
      digits += sign
      padding = 0
    } else if (digits.length % 4 >= 2) {
      padding += 1
      if ((digits.length % 4) + padding === 4) return digits
    }
  }
  return digits.length % 4 === 0 ? digits : undefined
}

const wholeBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

type Six = [number, number, number, number, number, number]

function numbers(text: unknown, form: RegExp, what: string): Six {
  const found = typeof text === 'string' ? form.exec(text) : null
  if (found === null) throw new JEncodeUnreadable(`${what} has not the form it must have: ${String(text)}`)
  return found.slice(1).map(Number) as Six
}

function makeObject(tag: string, fields: Record<string, unknown>): unknown {
  const known = serializableNamed(tag)
  if (known === undefined || known.module !== fields.__dMod) {
    throw new JEncodeUnreadable(`objects of the class ${tag} are not known here`)
  }
  const object = new known.make()
  for (const name of known.attributes) if (Object.hasOwn(fields, name)) object[name] = fields[name]
  return object
}

function isEmpty(tag: unknown): boolean {
  if (typeof tag === 'object' && tag !== null) return Object.keys(tag).length === 0
  return !tag || Number(tag) === 0
}
