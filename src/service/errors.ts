/** What an error is as data: sent by the admin API, printed by `--json`, kept in reports. */
export interface ErrorData {
  readonly code: string
  readonly message: string
  /** What to do about it, one sentence. */
  readonly next?: string
  /** The facts of the case, by name. */
  readonly facts?: Readonly<Record<string, unknown>>
}

/**
 * The root of every error that dhn raises on purpose.
 *
 * A subclass is made for each thing a caller may want to tell apart. It has a stable `code`, its facts as fields,
 * a message that names the cause first, and, where there is one, the next step. Every code is listed in docs/errors.md.
 */
export abstract class DhnError extends Error {
  abstract readonly code: `DHN_${string}`
  readonly next?: string

  constructor(message: string, options: { readonly next?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    if (options.next !== undefined) this.next = options.next
  }
}

/** An error of dhn that crossed a process or the admin API, with the code it had there. */
export class RemoteError extends DhnError {
  readonly code: `DHN_${string}`
  constructor(readonly data: ErrorData) {
    super(data.message, data.next === undefined ? {} : { next: data.next })
    this.code = data.code as `DHN_${string}`
  }
}

const ownWords = new Set(['code', 'message', 'next', 'name', 'stack', 'cause', 'data'])

/** Any thrown value as data: never a stack, never the fields of a foreign error. */
export function errorAsData(error: unknown): ErrorData {
  if (error instanceof RemoteError) return error.data
  if (error instanceof DhnError) {
    const facts = Object.fromEntries(Object.entries(error).filter(([name]) => !ownWords.has(name)))
    return {
      code: error.code,
      message: error.message,
      ...(error.next === undefined ? {} : { next: error.next }),
      ...(Object.keys(facts).length === 0 ? {} : { facts }),
    }
  }
  const message = error instanceof Error ? error.message || error.name : String(error)
  return { code: 'DHN_INTERNAL', message }
}
