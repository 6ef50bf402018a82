import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { hostname } from 'node:os'
import { setImmediate as breathe } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { inject, injectable } from 'inversify'
import { Authorization } from '../container/authorization.ts'
import { NodeLog } from '../container/node-log.ts'
import { Occasional } from '../container/occasional.ts'
import type { Origin } from '../container/origin.ts'
import type { CredentialFailure } from '../container/refusals.ts'
import type { Reply } from '../container/reply.ts'
import { anonymous, callerOf } from '../security/authorization/caller.ts'
import type { TransportProtection } from '../security/authorization/descriptor-rules.ts'
import { oneLine } from '../security/name-text.ts'
import { namesInChain } from '../security/names-in-chain.ts'
import type { CertificateName } from '../security/refusal.ts'
import type { TrustStore } from '../security/trust-store.ts'
import { type Acceptance, validateChain } from '../security/validate-chain.ts'
import { type VoMembership, vomsAttributes } from '../security/voms.ts'
import { TrustWatch } from '../security/watch-trust.ts'
import { VomsWatch } from '../security/watch-voms.ts'
import { Bag } from './bag.ts'
import { BearerCallers } from './bearer-callers.ts'
import { sessionReused, toldOf, unjudged } from './certificate-refusals.ts'
import { TransportConfiguration } from './configuration.ts'
import { isTls } from './is-tls.ts'
import { type Said, TrustedFront } from './trusted-front.ts'

/** One more than a chain may have, so that one that is too long is seen to be. */
const MOST_CERTIFICATES = 21
/** Clients of fronts whose chains needn't be judged again for each request. */
const MOST_SPOKEN = 1000
/** Chains that are checked before others get their turn. */
const AT_ONCE = 25

/** What is kept of a connection: the chain as it was sent, and what it means now. */
interface Met {
  /** Undefined: there is none to judge. */
  chain: readonly Buffer[] | undefined
  readonly peer: string
  readonly protection: TransportProtection
  origin: Origin
  /** The last moment for which `origin` holds, ms since 1970. */
  until: number
  /** The picture of trust that it was judged by. */
  generation: number
  wasAccepted: boolean
}

/**
 * Who is at the other end of each connection: its certificate chain is judged once, before the first call on it, and again
 * when the trust directory changes, when it expires, and every few minutes.
 *
 * This is the one place that decides who a caller is, and it fails closed: what can't be judged is refused, and whoever
 * shows a certificate that is refused is nobody else instead. Who was accepted and is no more is cut off.
 */
@injectable()
export class Callers {
  #trust: TrustWatch | undefined
  #voms: VomsWatch | undefined
  #timer: NodeJS.Timeout | undefined
  #generation = 0
  readonly #met = new WeakMap<Socket, Met>()
  /** Connections with a certificate. */
  readonly #open = new Bag<{ readonly socket: Socket; readonly met: Met }>()
  readonly #bearers: BearerCallers
  readonly #front: TrustedFront | undefined
  /** By front and by what it said. */
  readonly #spoken = new Map<string, Met>()
  readonly #occasional = new Occasional(20)
  readonly #warned = new Set<string>()

  constructor(
    @inject(TransportConfiguration) private readonly configuration: TransportConfiguration,
    @inject(Authorization) authorization: Authorization,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {
    const { front } = configuration
    this.#bearers = new BearerCallers(configuration, authorization, log)
    this.#front = front && new TrustedFront(front)
  }

  /** @throws {TrustDirectoryUnreadable} */
  async start(): Promise<void> {
    const { trustDirectory, vomsDirectory, recheck } = this.configuration.callers
    this.#trust = await TrustWatch.start(trustDirectory, {
      changed: (store) => {
        const problems = store.problems.map(({ name, problem }) => `${name}: ${problem}`)
        this.log.info({ certificates: store.certificates.length, problems }, 'the trust directory has changed')
        void this.recheck()
      },
      failed: (cause) =>
        this.log.error({ err: cause }, 'the trust directory can not be read: what was read before stays in force'),
    })
    for (const { name, problem } of this.#trust.current.problems) {
      this.log.warn({ file: name, problem }, 'a file of the trust directory can not be used')
    }
    this.#voms = await VomsWatch.start(vomsDirectory, {
      changed: () => {
        this.log.info({}, 'the directory of VOMS servers has changed')
        void this.recheck()
      },
      failed: (cause) =>
        this.log.error(
          { err: cause },
          'the directory of VOMS servers can not be read: what was read before stays in force',
        ),
    })
    await this.#bearers.start()
    this.#timer = setInterval(() => void this.recheck(), recheck)
    this.#timer.unref()
  }

  stop(): void {
    this.#trust?.stop()
    this.#voms?.stop()
    this.#bearers.stop()
    clearInterval(this.#timer)
  }

  /** What is trusted now; undefined before `start`. */
  get trust(): TrustWatch['current'] | undefined {
    return this.#trust?.current
  }

  /** Who calls on this connection now. Never throws. */
  of(socket: Socket): Origin {
    const met = this.#met.get(socket) ?? this.#meet(socket)
    const { chain } = met
    if (chain !== undefined && (met.generation !== this.#generation || Date.now() > met.until)) this.#judge(met, chain)
    return met.origin
  }

  /**
   * Who makes this request: for whom a configured front speaks, else who is at the other end; and when that is nobody, who
   * shows a token. Never throws.
   */
  ofRequest(request: IncomingMessage): Origin {
    const origin = this.#shownTo(request)
    return request.headers.authorization === undefined ? origin : this.#bearers.of(request, origin)
  }

  #shownTo(request: IncomingMessage): Origin {
    const origin = this.of(request.socket)
    const front = this.#front
    if (front === undefined || !front.isAt(origin, request)) return origin
    return this.#spokenFor(front.said(request), this.#met.get(request.socket) as Met)
  }

  /** Judges every chain anew and ends the connections of those who were accepted and are no more. */
  async recheck(): Promise<void> {
    this.#generation += 1
    const generation = this.#generation
    this.#warned.clear()
    let judged = 0
    for (const { socket, met } of [...this.#open]) {
      // A change during this one looks at all of them again.
      if (generation !== this.#generation) return
      if (met.generation !== generation && met.chain !== undefined) {
        this.#judge(met, met.chain)
        judged += 1
        if (judged % AT_ONCE === 0) await breathe()
      }
      if (met.wasAccepted && 'refused' in met.origin) socket.destroy()
    }
  }

  #meet(socket: Socket): Met {
    // A socket of both families shows an IPv4 address so.
    const peer = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '')
    const secure = isTls(socket)
    const met = this.#nobody(peer, { integrity: secure, privacy: secure })
    this.#met.set(socket, met)
    if (!secure) return met
    try {
      // A resumed session shows the first certificate alone, and perhaps another client's: it says nothing.
      if (socket.isSessionReused()) this.#refuse(met, sessionReused, { reason: 'session-reused' })
      else met.chain = chainOf(socket)
      if (met.chain === undefined) return met
      this.#judge(met, met.chain)
      socket.once('close', this.#open.add({ socket, met }))
    } catch (error) {
      this.#refuse(met, unjudged, { reason: 'not-judged' }, { err: error })
    }
    return met
  }

  /** The front has seen that its client has the key of the first certificate; everything else is judged here. */
  #spokenFor(said: Said, { peer, protection }: Met): Origin {
    const text = said === 'unreadable' ? '' : said.text
    const key = `${peer}\n${protection.privacy}\n${text}`
    const known = this.#spoken.get(key)
    const met = known ?? this.#nobody(peer, protection)
    if (said === 'unreadable') {
      this.#refuse(met, unjudged, { reason: 'malformed-certificate', check: 'form' })
      return met.origin
    }
    const { chain } = said
    if (chain === undefined) return met.origin
    try {
      const isFresh = known !== undefined && met.generation === this.#generation && Date.now() <= met.until
      if (!isFresh) this.#judge(met, chain)
    } catch (error) {
      this.#refuse(met, unjudged, { reason: 'not-judged' }, { err: error })
    }
    if (known === undefined) this.#keepSpoken(key, met)
    return met.origin
  }

  #keepSpoken(key: string, met: Met): void {
    const [oldest] = this.#spoken.size < MOST_SPOKEN ? [] : this.#spoken.keys()
    if (oldest !== undefined) this.#spoken.delete(oldest)
    this.#spoken.set(key, met)
  }

  #nobody(peer: string, protection: TransportProtection): Met {
    return {
      chain: undefined,
      peer,
      protection,
      origin: { caller: anonymous, protection, peer },
      until: Number.POSITIVE_INFINITY,
      generation: this.#generation,
      wasAccepted: false,
    }
  }

  #judge(met: Met, chain: readonly Buffer[]): void {
    met.generation = this.#generation
    met.until = Number.POSITIVE_INFINITY
    const trust = this.trust
    if (trust === undefined) {
      this.#refuse(met, unjudged, { reason: 'no-trust' })
      return
    }
    const { legacyProxies, weakAlgorithms, crls } = this.configuration.callers
    const verdict = validateChain(chain, trust, { at: Date.now(), legacyProxies, weakAlgorithms, crls })
    if (verdict.verdict === 'reject') {
      const { verdict: _, ...failed } = verdict
      this.#refuse(met, toldOf(verdict), failed)
      return
    }
    for (const { reason, certificate } of verdict.warnings) this.#warn(reason, certificate)
    met.wasAccepted = true
    const memberships = this.#membershipsOf(verdict, trust)
    // Attributes may end before the chain does: the caller is looked at again then, and is still let in.
    met.until = Math.min(verdict.notAfter, ...memberships.map(({ notAfter }) => notAfter))
    met.origin = {
      caller: callerOf(verdict, memberships),
      protection: met.protection,
      peer: met.peer,
    }
  }

  /** What is wrong with attributes never refuses a caller; it gives none. */
  #membershipsOf(accepted: Acceptance, trust: TrustStore): readonly VoMembership[] {
    if (this.#voms === undefined) return []
    const { crls, weakAlgorithms, legacyProxies } = this.configuration.callers
    const hostNames = [this.configuration.host, hostname()]
    const options = { at: Date.now(), directory: this.#voms.current, hostNames, crls, weakAlgorithms, legacyProxies }
    try {
      const { memberships, warnings } = vomsAttributes(accepted, trust, options)
      for (const { reason, message } of warnings) this.#attributesRefused({ reason, why: message }, accepted)
      return memberships
    } catch (error) {
      this.#attributesRefused({ reason: 'not-judged', err: error }, accepted)
      return []
    }
  }

  #attributesRefused(facts: object, { endEntity }: Acceptance): void {
    this.#occasional.tell((untold) => {
      const more = untold > 0 ? { untold } : {}
      const subject = oneLine(endEntity.subject)
      this.log.warn({ subject, ...facts, ...more }, 'the VOMS attributes of a caller were refused')
    })
  }

  /** `failed` is the operator's; the caller learns what `refused` says. */
  #refuse(met: Met, refused: Reply, failed: CredentialFailure, more: object = {}): void {
    const certificates = namesInChain(met.chain ?? [])
    met.origin = { refused, peer: met.peer, credential: { certificates, failed } }
    const { message: why, ...facts } = failed
    this.#occasional.tell((untold) => {
      const told = {
        peer: met.peer,
        ...facts,
        ...(why !== undefined && { why }),
        ...more,
        ...(untold > 0 && { untold }),
      }
      this.log.warn(told, 'the certificate of a caller was refused')
    })
  }

  #warn(reason: string, certificate: CertificateName): void {
    if (this.#warned.has(certificate.subject)) return
    this.#warned.add(certificate.subject)
    this.log.warn({ reason, certificate }, 'a CA has no revocation list: its certificates are accepted without')
  }
}

/** The chain as it was sent: other calls of Node re-order it and lose a part. Undefined: there was no certificate. */
export function chainOf(socket: TLSSocket): readonly Buffer[] | undefined {
  const chain: Buffer[] = []
  let certificate: X509Certificate | undefined = socket.getPeerX509Certificate()
  while (certificate !== undefined && chain.length < MOST_CERTIFICATES) {
    chain.push(certificate.raw)
    certificate = certificate.issuerCertificate
  }
  return chain.length === 0 ? undefined : chain
}
