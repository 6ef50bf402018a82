import type { IncomingMessage } from 'node:http'
import type { Authorization } from '../container/authorization.ts'
import type { NodeLog } from '../container/node-log.ts'
import { Occasional } from '../container/occasional.ts'
import type { Origin } from '../container/origin.ts'
import type { RuleSnapshot } from '../container/rule-snapshot.ts'
import type { RefusedToken } from '../security/token/check-token.ts'
import { providersIn, scopedGroupsIn } from '../security/token/providers.ts'
import { TokenCallers } from '../security/token/token-callers.ts'
import { ProviderWatch } from '../security/watch-providers.ts'
import type { TransportConfiguration } from './configuration.ts'
import { tokenFailure, toldOfToken } from './token-refusals.ts'

/** How often it is looked whether the configuration names other providers, ms; the first token after a change sees it at once. */
const interval = 2000
/** How long a start waits for the first keys, ms. */
const firstWait = 3000

/**
 * Who shows a bearer token. Nothing of it exists, and no such header is looked at, unless the configuration has an identity
 * provider.
 */
export class BearerCallers {
  readonly #watch: ProviderWatch
  /** Made of what is known now; undefined: it has to be made. */
  #callers: TokenCallers | undefined
  #madeOf: RuleSnapshot | undefined
  /** There is a provider, be it one that can't be used. */
  #isOn = false
  #problems = ''
  #timer: NodeJS.Timeout | undefined
  readonly #occasional = new Occasional(20)

  constructor(
    private readonly configuration: TransportConfiguration,
    private readonly authorization: Pick<Authorization, 'snapshot'>,
    private readonly log: NodeLog,
  ) {
    const { trustDirectory: directory, crls: revocationLists } = configuration.callers
    const trust = { directory, revocationLists, webCAs: true }
    this.#watch = new ProviderWatch({
      fetch: async (url) => (await import('./fetch-keys.ts')).fetchKeys(url, trust),
      changed: () => {
        this.#callers = undefined
      },
      told: (provider, problem) => {
        if (problem === undefined) log.info({ provider }, 'the keys of an identity provider can be read again')
        else log.warn({ provider, problem }, 'the keys of an identity provider are not as they should be')
      },
    })
  }

  /** Resolves when every provider was asked for its keys, or a little later when one doesn't answer. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.#follow(), interval)
    this.#timer.unref()
    let late: NodeJS.Timeout | undefined
    const waited = new Promise((resolve) => {
      late = setTimeout(resolve, firstWait)
    })
    await Promise.race([this.#follow(), waited])
    clearTimeout(late)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#watch.stop()
  }

  /**
   * Who makes a request that has an `Authorization` header. A certificate counts before a token, as for DIRAC: the token of
   * who shows both is not looked at. Never throws.
   *
   * @param origin who he is without the header
   */
  of(request: IncomingMessage, origin: Origin): Origin {
    void this.#follow()
    if (!this.#isOn || 'refused' in origin || origin.caller.name !== undefined) return origin
    const { protection, peer } = origin
    const callers = this.#current()
    const token = tokenIn(request)
    if (!protection.privacy) return this.#refuse({ accepted: false, reason: 'not-over-tls' }, peer)
    if (typeof token !== 'string') return this.#refuse(token, peer)
    const caller = callers.of(token, Date.now())
    if ('name' in caller) return { ...origin, caller }
    if (caller.reason === 'key-unknown' && caller.provider !== undefined) this.#watch.ask(caller.provider)
    return this.#refuse(caller, peer)
  }

  #current(): TokenCallers {
    this.#callers ??= new TokenCallers(this.#watch.issuers, scopedGroupsIn(this.authorization.snapshot.configuration))
    return this.#callers
  }

  /** Goes by the configuration as it is now. */
  #follow(): Promise<void> {
    const { snapshot } = this.authorization
    if (snapshot === this.#madeOf) return Promise.resolve()
    this.#madeOf = snapshot
    this.#callers = undefined
    const { providers, problems } = providersIn(snapshot.configuration, this.configuration.callers.home)
    this.#isOn = providers.length + problems.length > 0
    const told = problems.join('\n')
    if (told !== this.#problems && told !== '')
      this.log.warn({ problems }, 'identity providers are passed over: their tokens are refused')
    this.#problems = told
    return this.#watch.use(providers)
  }

  /** The operator learns which check failed, and nobody ever sees the token. */
  #refuse(refused: RefusedToken, peer: string | undefined): Origin {
    const failed = tokenFailure(refused)
    this.#occasional.tell((untold) => {
      const { reason, message: why } = failed
      const { provider } = refused
      const facts = { peer, reason, why, ...(provider !== undefined && { provider }), ...(untold > 0 && { untold }) }
      this.log.warn(facts, 'the token of a caller was refused')
    })
    return {
      refused: toldOfToken(refused),
      ...(peer !== undefined && { peer }),
      credential: { certificates: [], failed },
    }
  }
}

/** Node shows the first of several such headers alone, and would hide the others. */
function tokenIn({ headersDistinct }: IncomingMessage): string | RefusedToken {
  const [header = '', ...more] = headersDistinct.authorization ?? []
  if (more.length > 0) return { accepted: false, reason: 'not-one-header' }
  const token = /^Bearer +([^\s,]+)$/i.exec(header)?.[1]
  return token ?? { accepted: false, reason: 'not-bearer' }
}
