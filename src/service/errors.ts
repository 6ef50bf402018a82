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

/** The system refused what dhn asked of it: a full disk, a right that is missing, no more open files. */
export class SystemRefused extends DhnError {
  readonly code = 'DHN_SYSTEM_REFUSED'
  readonly errno: string
  readonly syscall: string
  readonly path: string | undefined
  constructor(error: NodeJS.ErrnoException) {
    const { code: errno = '', syscall = '', path } = error
    super(error.message, {
      cause: error,
      next: `${remedies[errno] ?? 'see what the system has against it'}, then repeat the command`,
    })
    this.errno = errno
    this.syscall = syscall
    this.path = path
  }
}

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'make room on the disk',
  EDQUOT: 'make room on the disk',
  EIO: 'check that the disk is well',
  EROFS: 'check that the disk is well',
  EMFILE: 'raise the limit of open files (ulimit -n, LimitNOFILE=)',
  ENFILE: 'raise the limit of open files (fs.file-max)',
  EACCES: 'check who owns the files of the home',
  EPERM: 'check who owns the files of the home',
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
  const refusal = refusalIn(error)
  if (refusal !== undefined) return errorAsData(new SystemRefused(refusal))
  const message = error instanceof Error ? error.message || error.name : String(error)
  return { code: 'DHN_INTERNAL', message }
}

function refusalIn(error: unknown): NodeJS.ErrnoException | undefined {
  if (!(error instanceof Error)) return undefined
  if ('syscall' in error && 'errno' in error) return error as NodeJS.ErrnoException
  // A thread that could not be made has the reason in its message alone: `Worker initialization failure: EMFILE`.
  if (!('code' in error) || error.code !== 'ERR_WORKER_INIT_FAILED') return undefined
  return Object.assign(new Error(error.message, { cause: error }), { code: error.message.split(': ')[1] })
}
