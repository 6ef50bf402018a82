import { Float } from '../../service/wire-values.ts'
import { JEncodeUnreadable } from './jencode-errors.ts'
import { keepKeyOrder, losesOrder } from './key-order.ts'
import { untag } from './tagged-value.ts'

/**
 * Anything that JSON.parse would read otherwise than DIRAC does: floats without a fraction, integers that no number holds
 * exactly, -0, keys that are digits; and words in `specialWords`. What stands behind a number tells it from a text such as
 * "1.0"; a false alarm costs time only. Two expressions, as each starts with one kind of character, which is fast.
 */
const specialDigits = /\d(?:[eE][-+]?\d+\s*(?:[,\]}]|$)|"\s*:|(?:\d{15}(?<!\.\d*)|(?<=-0))\s*(?:[,\]}]|$))/
const integralFloat = /\.0+\s*(?:[,\]}]|$)/
const specialWords = ['__dCls', 'NaN', 'Infinity'] as const

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
 * A text that holds none of these goes through JSON.parse.
 *
 * @throws {JEncodeUnreadable} it is no JSON, or a tagged object can't be read
 * @see dirac-https.md 2
 */
export function jdecode(text: string): unknown {
  if (isPlain(text)) {
    try {
      return JSON.parse(text)
    } catch (error) {
      throw new JEncodeUnreadable(`not JSON: ${(error as Error).message}`)
    }
  }
  return new Reader(text).whole()
}

function isPlain(text: string): boolean {
  return !integralFloat.test(text) && !specialDigits.test(text) && !specialWords.some((word) => text.includes(word))
}

/** As deep as the original can read before it gives up. */
const maxDepth = 900
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
