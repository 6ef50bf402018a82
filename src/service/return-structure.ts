import { errorText } from './error-texts.ts'

export interface ReturnOk<T = unknown> {
  readonly OK: true
  readonly Value: T
}

export interface ReturnError {
  readonly OK: false
  /** 0 when there is no number. */
  readonly Errno: number
  readonly Message: string
}

/** What a remote method answers: a value, or why there is none. */
export type ReturnStructure<T = unknown> = ReturnOk<T> | ReturnError

/** A good answer; without a value its `Value` is null, as on the wire. */
export function S_OK(): ReturnOk<null>
export function S_OK<T>(value: T): ReturnOk<T>
export function S_OK(value: unknown = null): ReturnOk {
  return { OK: true, Value: value }
}

/**
 * A bad answer: `S_ERROR(message)`, or `S_ERROR(errno, message)`, whose message then says what the number means, as
 * DIRAC's does: `No such file or directory ( 2 : no such thing)`.
 */
export function S_ERROR(message?: string): ReturnError
export function S_ERROR(errno: number, message?: string): ReturnError
export function S_ERROR(first: string | number = '', message = ''): ReturnError {
  if (typeof first === 'string') return { OK: false, Errno: 0, Message: first }
  return { OK: false, Errno: first, Message: `${errorText(first)} ( ${first} : ${message})` }
}

/** Whether a value is an answer of this form, by the test DIRAC uses. */
export function isReturnStructure(value: unknown): value is ReturnStructure {
  if (typeof value !== 'object' || value === null) return false
  const { OK, Message } = value as { OK?: unknown; Message?: unknown }
  return OK === true ? 'Value' in value : OK === false && typeof Message === 'string'
}
