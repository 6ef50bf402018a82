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
    // As the original reads it: characters that are no base64 are passed over, the padding must be right.
    const digits = text.replace(/[^A-Za-z0-9+/=]/g, '')
    if (digits.length % 4 !== 0) throw new JEncodeUnreadable('a b64 is padded wrongly')
    return Buffer.from(digits, 'base64')
  },
}

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
