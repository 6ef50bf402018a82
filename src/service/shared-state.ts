/**
 * What all processes or threads of one running instance share, kept by the node: small values, and leases. Nobody else
 * sees it. Values stay over restarts of the node and over new versions, until the deployment is undeployed.
 *
 * What was resolved is on the disk, and is seen by whatever is asked afterwards, wherever it is asked.
 *
 * @see docs/scale.md, What instances share
 */
export interface SharedState {
  /**
   * The value under `key`; undefined when there is none.
   *
   * @throws {SharedKeyInvalid}
   */
  get<Value = unknown>(key: string): Promise<Value | undefined>

  /**
   * Puts `value` under `key`, whatever was there.
   *
   * Null, booleans, finite numbers, texts, and lists and plain objects of them. An object comes back with its keys in order.
   *
   * @throws {SharedKeyInvalid | SharedValueInvalid | SharedValueTooLarge | SharedTtlInvalid | SharedFull}
   */
  set(key: string, value: unknown, options?: SharedOptions): Promise<void>

  /**
   * Puts `value` under `key` if what is there is the same as `expected`, and says whether it was; `expected` undefined:
   * if nothing is there. It is one step: nobody comes between.
   *
   * The same are values with the same JSON text when the keys of objects are sorted: `{ a: 1, b: 2 }` and `{ b: 2, a: 1 }`
   * are, `1` and `'1'` aren't, lists in another order aren't.
   *
   * @throws as `set`
   */
  replace(key: string, expected: unknown, value: unknown, options?: SharedOptions): Promise<boolean>

  /** Says whether something was there. @throws {SharedKeyInvalid} */
  delete(key: string): Promise<boolean>

  /** Those that begin with `prefix`, in the order of their code points. @throws {SharedKeyInvalid} */
  keys(prefix?: string): Promise<string[]>

  /**
   * Takes the lease `name` if nobody has it; undefined when somebody has, in this process or another one.
   *
   * It is renewed by itself. It ends with `release()`, at once with the process, and `ttl` milliseconds (by default 10,000)
   * after the last renewal when the event loop of the process doesn't come round.
   *
   * @throws {SharedKeyInvalid} `name` can't be one
   * @throws {SharedTtlInvalid}
   * @throws {SharedFull} the running instance has as many leases as it may have
   */
  lease(name: string, options?: { readonly ttl?: number }): Promise<Lease | undefined>
}

export interface SharedOptions {
  /** Milliseconds after which the value is gone, by the clock of the machine; without it the value stays. */
  readonly ttl?: number
}

/** Something that one holder at a time has. */
export interface Lease {
  readonly name: string
  /** Aborted when it is no longer held although it was not released: somebody else may have it. */
  readonly lost: AbortSignal
  /** Gives it back. Safe twice, and when it is lost. */
  release(): Promise<void>
}
