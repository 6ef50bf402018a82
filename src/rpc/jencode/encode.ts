import { Float, PlainDate, serializableOf } from '../../service/wire-values.ts'
import { JEncodeUnwritable } from './jencode-errors.ts'
import { keysInOrder, remembersOrder } from './key-order.ts'

/** As deep as the original can read; a cycle ends here. */
const maxDepth = 900
// biome-ignore lint/suspicious/noControlCharactersInRegex: all that is not printable ASCII
const eachNotAscii = /[^\x00-\x7e]/g

/**
 * Writes a value as JEncode text, in ASCII: what `jdecode` reads, and what DIRAC reads.
 *
 * Maps become objects with their keys as text. In an object a value that is undefined is left out; in a list it is null.
 * A number without a fraction is an integer unless it is a `Float` or too large to be exact. Fractions of seconds and
 * time zones of a Date are dropped, as DIRAC has none.
 *
 * @throws {JEncodeUnwritable} a set, function, symbol, invalid date, a cycle or an object of an unregistered class
 * @see dirac-https.md 2
 */
export function jencode(value: unknown): string {
  return ascii(isPlain(value, 0) ? JSON.stringify(value) : write(value, 0))
}

/** Whether JSON.stringify writes the value as DIRAC would read it. Small, so that it is compiled into its callers' loops. */
function isPlain(value: unknown, depth: number): boolean {
  const type = typeof value
  if (type === 'string' || type === 'boolean' || value === null) return true
  return type === 'number' ? isPlainNumber(value as number) : type === 'object' && isPlainWithin(value as object, depth)
}

function isPlainNumber(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) && !Object.is(value, -0) : Number.isFinite(value)
}

function isPlainWithin(value: object, depth: number): boolean {
  if (depth > maxDepth) throw new JEncodeUnwritable('value that lies too deep, or in itself,')
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) if (!isPlain(value[at], depth + 1)) return false
    return true
  }
  if (!isPlainObject(value) || remembersOrder(value)) return false
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key]
    if (!isPlain(field, depth + 1) && field !== undefined) return false
  }
  return true
}

function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function write(value: unknown, depth: number): string {
  if (depth > maxDepth) throw new JEncodeUnwritable('value that lies too deep, or in itself,')
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : float(value)
    case 'bigint':
      return String(value)
    case 'undefined':
      return 'null'
    case 'object':
      return value === null ? 'null' : writeObject(value, depth)
    default:
      throw new JEncodeUnwritable(typeof value)
  }
}

function writeObject(value: object, depth: number): string {
  if (Array.isArray(value)) return `[${Array.from(value, (item) => write(item, depth + 1)).join(', ')}]`
  if (value instanceof Number) return value instanceof Float ? float(Number(value)) : write(Number(value), depth)
  if (value instanceof Date) return tagged('dt', dateTime(value))
  if (value instanceof PlainDate) return tagged('date', value.toString())
  if (value instanceof Uint8Array) {
    return tagged('b64', Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'))
  }
  if (value instanceof Map)
    return fields(
      [...value].map(([key, item]) => [keyText(key), item]),
      depth,
    )
  if (isPlainObject(value)) {
    const object = value as Record<string, unknown>
    return fields(
      keysInOrder(object).map((key) => [key, object[key]]),
      depth,
    )
  }
  return writeRegistered(value, depth)
}

function writeRegistered(value: object, depth: number): string {
  const known = serializableOf(value)
  if (known === undefined) throw new JEncodeUnwritable(value.constructor?.name ?? 'object without a class')
  const object = value as Record<string, unknown>
  const sent = known.attributes.filter((name) => object[name] !== null && object[name] !== undefined)
  return fields(
    [['__dCls', known.name], ['__dMod', known.module], ...sent.map((name) => [name, object[name]] as const)],
    depth,
  )
}

function fields(entries: readonly (readonly [string, unknown])[], depth: number): string {
  const written = entries
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${JSON.stringify(key)}: ${write(item, depth + 1)}`)
  return `{${written.join(', ')}}`
}

function keyText(key: unknown): string {
  if (key === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof key)) return String(key)
  if (key instanceof Float) return float(Number(key))
  throw new JEncodeUnwritable(`key that is a ${typeof key}`)
}

function tagged(tag: string, text: string): string {
  return `{"__dCls": "${tag}", "obj": "${text}"}`
}

/** A number that reads as a float: `1.0`, `1e+22`, `-0.0`, `NaN`. */
function float(value: number): string {
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

function dateTime(value: Date): string {
  if (Number.isNaN(value.getTime())) throw new JEncodeUnwritable('date that is none')
  const year = value.getUTCFullYear()
  if (year < 1 || year > 9999) throw new JEncodeUnwritable(`date in the year ${year}`)
  return `${String(year).padStart(4, '0')}${value.toISOString().slice(-20, -5).replace('T', ' ')}`
}

function ascii(text: string): string {
  // Counting bytes is native; a test with an expression would cost a fifth of the whole.
  if (Buffer.byteLength(text) === text.length && !text.includes('\x7f')) return text
  return text.replace(eachNotAscii, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
