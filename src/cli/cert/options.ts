import type { KeyType } from '../../security/make-certificate.ts'
import { UsageError } from '../errors.ts'
import { wholeNumber } from '../numbers.ts'

/** @throws {UsageError} */
export function keyType(text: string | undefined): KeyType {
  return oneOf('--key-type', text, ['rsa', 'ec'])
}

/** @throws {UsageError} */
export const days = (text: string | undefined, usual: number): number =>
  wholeNumber('--days', text, { from: 1, to: 36_500 }) ?? usual

/** ms since 1970 of an ISO 8601 time or of seconds since 1970. @throws {UsageError} */
export function instant(text: string | undefined): number {
  if (text === undefined) return Date.now()
  const at = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text)
  if (Number.isNaN(at)) throw new UsageError(`--at takes a time such as 2026-11-22T10:00:00Z, not ${text}`)
  return at
}

/** @throws {UsageError} */
export function oneOf<const Word extends string>(flag: string, text: string | undefined, words: readonly Word[]): Word {
  const found = text === undefined ? words[0] : words.find((word) => word === text)
  if (found === undefined) throw new UsageError(`${flag} is ${words.join(' or ')}, not ${text}`)
  return found
}
