import { readFile } from 'node:fs/promises'
import { TokenKeysUnreadable } from './errors.ts'
import type { TokenIssuer } from './token/check-token.ts'
import { readJwks, type TokenKey } from './token/jwks.ts'
import { isHttps, type KeySource, type Provider } from './token/providers.ts'
import { asObject } from './token/strict-json.ts'

// Milliseconds.
export interface KeyPace {
  /** Between two looks at a file. */
  readonly file: number
  /** Between two questions to a provider that answers, and that doesn't. */
  readonly fetch: number
  readonly retry: number
  /** The least between two questions to a provider, whoever asks for the second. */
  readonly least: number
  /** How long keys count that could not be read again. */
  readonly oldest: number
}

export const defaultPace: KeyPace = {
  file: 5000,
  fetch: 3_600_000,
  retry: 60_000,
  least: 30_000,
  oldest: 24 * 3_600_000,
}

export interface ProviderWatchOptions {
  /** The text at an HTTPS address, within limits of its own; rejects when it can't be had. */
  readonly fetch: (url: string) => Promise<string>
  /** Called when an issuer's keys are others than before. */
  changed(): void
  /** Told once for each new problem; `undefined` when there is none any more. */
  told(provider: string, problem: string | undefined): void
  readonly pace?: KeyPace
}

/** The keys of identity providers, kept up to date in the background: nobody ever waits for them but at the start. */
export class ProviderWatch {
  #watched = new Map<string, ProviderKeys>()

  constructor(private readonly options: ProviderWatchOptions) {}

  /** Watches these and no others; resolves when each was asked once. An entry that stays as it was keeps its keys. */
  async use(providers: readonly Provider[]): Promise<void> {
    const earlier = this.#watched
    const asked: Promise<void>[] = []
    this.#watched = new Map()
    for (const provider of providers) {
      const entry = JSON.stringify(provider)
      const known = earlier.get(entry)
      earlier.delete(entry)
      const keys = known ?? new ProviderKeys(provider, this.options)
      this.#watched.set(entry, keys)
      if (known === undefined) asked.push(keys.look())
    }
    for (const gone of earlier.values()) gone.stop()
    await Promise.all(asked)
  }

  /** By `iss`. */
  get issuers(): ReadonlyMap<string, TokenIssuer> {
    return new Map(
      [...this.#watched.values()].map(({ provider: { name, issuer, audiences }, keys }) => [
        issuer,
        { name, audiences, keys },
      ]),
    )
  }

  /** A token named a key that this provider hasn't, as far as is known. */
  ask(name: string): void {
    for (const keys of this.#watched.values()) if (keys.provider.name === name) keys.ask()
  }

  stop(): void {
    for (const keys of this.#watched.values()) keys.stop()
    this.#watched = new Map()
  }
}

/** The keys of one provider: the last ones that could be read, until they are too old. */
class ProviderKeys {
  keys: readonly TokenKey[] = []
  #text: string | undefined
  /** What there is to say of it. */
  #remark: string | undefined
  #readAt = Number.NEGATIVE_INFINITY
  #lookedAt = Number.NEGATIVE_INFINITY
  #problem: string | undefined
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #stopped = false
  readonly #pace: KeyPace

  constructor(
    readonly provider: Provider,
    private readonly options: ProviderWatchOptions,
  ) {
    this.#pace = options.pace ?? defaultPace
  }

  /** Asks again as soon as the pace lets it. */
  ask(): void {
    // A file is looked at all the time.
    if (this.provider.keys.kind === 'file' || this.#looking !== undefined) return
    this.#lookAfter(Math.max(0, this.#lookedAt + this.#pace.least - performance.now()))
  }

  /** Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #look(): Promise<void> {
    this.#lookedAt = performance.now()
    const isFile = this.provider.keys.kind === 'file'
    let next = isFile ? this.#pace.file : this.#pace.fetch
    try {
      const text = await textAt(this.provider, this.options.fetch)
      if (this.#stopped) return
      this.#take(text)
    } catch (error) {
      if (this.#stopped) return
      if (!isFile) next = this.#pace.retry
      this.#tell((error as Error).message)
      // A file that was taken away takes its keys with it.
      const isGone = isFile && (error as NodeJS.ErrnoException).code === 'ENOENT'
      if (isGone || performance.now() - this.#readAt > this.#pace.oldest) this.#drop()
    }
    this.#lookAfter(next)
  }

  #take(text: string): void {
    if (text !== this.#text) {
      const { keys, passedOver } = readJwks(text)
      const problems = keys.length === 0 ? ['there is no key that could be used', ...passedOver] : passedOver
      this.#text = text
      this.#remark = problems.length === 0 ? undefined : problems.join('; ')
      this.keys = keys
      this.options.changed()
    }
    this.#readAt = performance.now()
    this.#tell(this.#remark)
  }

  #drop(): void {
    if (this.keys.length === 0) return
    this.keys = []
    this.#text = undefined
    this.options.changed()
  }

  #tell(problem: string | undefined): void {
    if (problem === this.#problem) return
    this.#problem = problem
    this.options.told(this.provider.name, problem)
  }

  #lookAfter(milliseconds: number): void {
    clearTimeout(this.#timer)
    if (this.#stopped) return
    this.#timer = setTimeout(() => void this.look(), milliseconds).unref()
  }
}

/** Bytes of a file of keys; fetching has its own limit. */
const longestFile = 256 * 1024

async function textAt({ keys, issuer }: Provider, fetch: ProviderWatchOptions['fetch']): Promise<string> {
  if (keys.kind === 'file') return textIn(keys)
  return fetch(keys.kind === 'keys' ? keys.url : keysAddressIn(await fetch(keys.url), issuer))
}

async function textIn({ file }: Extract<KeySource, { kind: 'file' }>): Promise<string> {
  const bytes = await readFile(file)
  if (bytes.length > longestFile) throw new TokenKeysUnreadable(`${file} is longer than ${longestFile} bytes`)
  return bytes.toString('utf8')
}

/** @see OpenID Connect Discovery 1.0, 4.3: the issuer in the metadata is the one they were asked of */
function keysAddressIn(metadata: string, issuer: string): string {
  const { issuer: said, jwks_uri: address } = asObject(metadata) ?? {}
  if (said !== issuer) throw new TokenKeysUnreadable('its metadata is no JSON object, or of another issuer')
  if (typeof address !== 'string' || !isHttps(address))
    throw new TokenKeysUnreadable('its metadata has no jwks_uri with HTTPS')
  return address
}
