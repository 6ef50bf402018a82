import { DhnError } from './errors.ts'
import { leastLeaseTtl, longestKey, longestTtl, longestValue } from './shared-limits.ts'

/** A key of a shared value, or the name of a lease, can't be one. */
export class SharedKeyInvalid extends DhnError {
  readonly code = 'DHN_SHARED_KEY_INVALID'
  constructor(
    /** Its beginning. */
    readonly key: string,
  ) {
    super(`what is shared can't be named ${JSON.stringify(key)}`, {
      next: `Use a text of 1 to ${longestKey} bytes without control characters.`,
    })
  }
}

/** A value isn't one that comes back as it is. */
export class SharedValueInvalid extends DhnError {
  readonly code = 'DHN_SHARED_VALUE_INVALID'
  constructor(
    /** Where in the value, such as `value.list[2]`. */
    readonly at: string,
    readonly found: string,
  ) {
    super(`a value can't be shared: ${at} is ${found}`, {
      next: 'Share null, booleans, finite numbers, texts, and lists and plain objects of them.',
    })
  }
}

export class SharedValueTooLarge extends DhnError {
  readonly code = 'DHN_SHARED_VALUE_TOO_LARGE'
  readonly limit = longestValue
  constructor(readonly bytes: number) {
    super(`a value of ${bytes} bytes as JSON can't be shared, ${longestValue} are allowed`, {
      next: 'Keep it in a file below NAL.getPersistentDirectory() or in a database, and share where it is.',
    })
  }
}

export class SharedTtlInvalid extends DhnError {
  readonly code = 'DHN_SHARED_TTL_INVALID'
  constructor(
    readonly ttl: number,
    readonly of: 'value' | 'lease',
  ) {
    super(`the ttl of a shared ${of} can't be ${ttl}`, {
      next: `Give whole milliseconds, ${of === 'lease' ? leastLeaseTtl : 1} to ${longestTtl[of]}.`,
    })
  }
}

/** A running instance has as much of it as it may have. */
export class SharedFull extends DhnError {
  readonly code = 'DHN_SHARED_FULL'
  constructor(
    readonly what: 'keys' | 'bytes' | 'leases',
    readonly limit: number,
  ) {
    super(`the running instance shares as many ${what} as it may, ${limit}; nothing was changed`, {
      next: what === 'leases' ? 'Release leases.' : 'Delete keys, give values a ttl, or keep them in a database.',
    })
  }
}
