import { Float } from '../../service/wire-values.ts'
import { JEncodeUnreadable } from './jencode-errors.ts'
import { keepKeyOrder, losesOrder } from './key-order.ts'
import { untag } from './tagged-value.ts'

/** What tells floats without a fraction from integers, which JSON.parse doesn't. In a text it means nothing, and costs time only. */
const integralFloat = /\.0+\s*(?:[,\]}]|$)/
const exponent = /\d[eE][-+]?\d+\s*(?:[,\]}]|$)/

/**
 * Reads a JEncode text: JSON, and what DIRAC adds to it.
 *
 * | text | value |
 * | --- | --- |
 * | an integer | a number; a bigint where a number would not be exact |
 * | `1.0`, `1e5`: a float without a fraction | a `Float` |
 * | `NaN`, `Infinity`, `-Infinity` | those numbers |
 * | `__dCls` dt, date, b64, a registered class | a Date (UTC), a PlainDate, a Buffer, an object of the class |
 * | an object | a plain object that remembers the order of its keys; a repeated key has its last value |
 *
 * A text that holds none of these is what JSON.parse makes of it.
 *
 * @throws {JEncodeUnreadable} it is no JSON, or a tagged object can't be read
 * @see dirac-https.md 2
 */
export function jdecode(text: string): unknown {
  const value = text.includes('__dCls') ? odd : parsed(text)
  return value === odd ? new Reader(text).whole() : value
}

/** As deep as the original can read before it gives up. */
const maxDepth = 900

/** Stands for a value that JSON.parse reads otherwise than DIRAC does, or not at all. */
const odd = Symbol('odd')

function parsed(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    // `NaN` and infinities are no JSON, and DIRAC's all the same.
    if (nonFinite.test(text)) return odd
    throw new JEncodeUnreadable(`not JSON: ${(error as Error).message}`)
  }
  const numbers = { integers: false }
  if (isOdd(value, numbers, 0)) return odd
  return numbers.integers && mayHoldFloats(text) ? odd : value
}

const nonFinite = /NaN|Infinity/

/** Whether there are integers, which may have been floats. */
interface Numbers {
  integers: boolean
}

/**
 * Whether it holds what is not as it was written: integers that no number holds exactly, -0, and keys that are array
 * indices, which JavaScript puts before all others; or lies too deep.
 */
function isOdd(value: unknown, numbers: Numbers, depth: number): boolean {
  switch (typeof value) {
    case 'number':
      if (!Number.isInteger(value)) return false
      numbers.integers = true
      return !Number.isSafeInteger(value) || Object.is(value, -0)
    case 'object':
      return value !== null && isOddWithin(value, numbers, depth + 1)
    default:
      return false
  }
}

function isOddWithin(value: object, numbers: Numbers, depth: number): boolean {
  if (depth > maxDepth) return true
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) if (isOdd(value[at], numbers, depth)) return true
    return false
  }
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key]
    if (startsWithDigit(key) || (typeof field !== 'string' && isOdd(field, numbers, depth))) return true
  }
  return false
}

function startsWithDigit(key: string): boolean {
  const first = key.charCodeAt(0)
  return first >= 0x30 && first <= 0x39
}

/** Searches for single characters are so much faster than expressions that most texts never meet one. */
function mayHoldFloats(text: string): boolean {
  if (text.includes('.0') && integralFloat.test(text)) return true
  return (text.includes('e') || text.includes('E')) && exponent.test(text)
}

const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
const blank = /[ \t\n\r]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: raw control characters are what must not stand in a text
const text = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y

class Reader {
  #at = 0
  #depth = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  whole(): unknown {
    this.#skipBlanks()
    const value = this.#value()
    this.#skipBlanks()
    if (this.#at < this.#text.length) throw this.#unreadable('something stands behind the value')
    return value
  }

  #value(): unknown {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#nested(() => this.#object())
      case '[':
        return this.#nested(() => this.#list())
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      case 'N':
        return this.#word('NaN', Number.NaN)
      case 'I':
        return this.#word('Infinity', Number.POSITIVE_INFINITY)
      default:
        if (this.#text.startsWith('-Infinity', this.#at)) return this.#word('-Infinity', Number.NEGATIVE_INFINITY)
        return this.#number()
    }
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1
    if (this.#depth > maxDepth) throw this.#unreadable('lists and objects lie too deep in each other')
    this.#at += 1
    const value = read()
    this.#depth -= 1
    return value
  }

  #object(): unknown {
    const fields: Record<string, unknown> = {}
    const keys: string[] = []
    let reordered = false
    this.#skipBlanks()
    if (this.#take('}')) return fields
    do {
      this.#skipBlanks()
      const key = this.#string()
      this.#skipBlanks()
      if (!this.#take(':')) throw this.#unreadable('a colon is missing')
      this.#skipBlanks()
      if (!Object.hasOwn(fields, key)) keys.push(key)
      reordered ||= losesOrder(key)
      // Not an assignment: the key may be `__proto__`.
      Object.defineProperty(fields, key, { value: this.#value(), writable: true, enumerable: true, configurable: true })
      this.#skipBlanks()
    } while (this.#take(','))
    if (!this.#take('}')) throw this.#unreadable('a comma or a closing brace is missing')
    if (reordered) keepKeyOrder(fields, keys)
    return Object.hasOwn(fields, '__dCls') ? untag(fields) : fields
  }

  #list(): unknown[] {
    const items: unknown[] = []
    this.#skipBlanks()
    if (this.#take(']')) return items
    do {
      this.#skipBlanks()
      items.push(this.#value())
      this.#skipBlanks()
    } while (this.#take(','))
    if (!this.#take(']')) throw this.#unreadable('a comma or a closing bracket is missing')
    return items
  }

  #string(): string {
    const found = this.#match(text)
    if (found === undefined) throw this.#unreadable('a text is expected')
    return found.includes('\\') ? (JSON.parse(found) as string) : found.slice(1, -1)
  }

  #number(): unknown {
    number.lastIndex = this.#at
    const found = number.exec(this.#text)
    if (found === null) throw this.#unreadable('a value is expected')
    this.#at = number.lastIndex
    const value = Number(found[0])
    if (found[1] !== undefined || found[2] !== undefined) {
      return Number.isInteger(value) ? new Float(value) : value
    }
    if (Number.isSafeInteger(value)) return value === 0 ? 0 : value
    return BigInt(found[0])
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unreadable('a value is expected')
    this.#at += word.length
    return value
  }

  #take(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false
    this.#at += 1
    return true
  }

  #skipBlanks(): void {
    this.#match(blank)
  }

  #match(form: RegExp): string | undefined {
    form.lastIndex = this.#at
    const found = form.exec(this.#text)
    if (found === null) return undefined
    this.#at = form.lastIndex
    return found[0]
  }

  #unreadable(reason: string): JEncodeUnreadable {
    return new JEncodeUnreadable(reason, this.#at)
  }
}
