import type { IncomingMessage } from 'node:http'
import type { Origin } from '../container/origin.ts'
import { namedInText } from '../security/authorization/caller.ts'
import { distinguishedNames } from '../security/authorization/registry.ts'
import { readPem } from '../security/pem.ts'
import { isTls } from './is-tls.ts'
import { readersFilter } from './metrics/readers.ts'

/** A server before this node that ends TLS and says in a header what certificate its client has shown. */
export interface FrontConfiguration {
  /** Names of the certificates that a front shows at the HTTPS door; as written, with commas. */
  readonly certificates: string
  /** Network addresses and networks of fronts at the plain HTTP door. */
  readonly addresses: readonly string[]
  /** The header with the chain of the front's client: PEM, percent-encoded. */
  readonly header: string
}

/** What a front says of its client: the chain that he showed, or that he showed none. */
export type Said = { readonly chain: readonly Buffer[] | undefined; readonly text: string } | 'unreadable'

/** Tells the fronts from everybody else who sends their header. */
export class TrustedFront {
  readonly #header: string
  readonly #names: ReadonlySet<string>
  readonly #isAtAddress: (address: string | undefined) => boolean

  constructor({ certificates, addresses, header }: FrontConfiguration) {
    this.#header = header.toLowerCase()
    this.#names = new Set(distinguishedNames(certificates).flatMap((name) => namedInText(name).key ?? []))
    this.#isAtAddress = readersFilter(addresses)
  }

  /** @param origin what the connection itself tells */
  isAt(origin: Origin, { socket }: IncomingMessage): boolean {
    if (!isTls(socket)) return this.#isAtAddress(socket.remoteAddress)
    if ('refused' in origin) return false
    const { name, rights } = origin.caller
    return rights === 'full' && name?.key !== undefined && this.#names.has(name.key)
  }

  /** Of a request from a front. */
  said({ headersDistinct }: IncomingMessage): Said {
    const [text = '', ...more] = headersDistinct[this.#header] ?? []
    if (more.length > 0) return 'unreadable'
    if (text === '') return { chain: undefined, text }
    try {
      const chain = readPem(decodeURIComponent(text)).map(({ der }) => der)
      return chain.length === 0 ? 'unreadable' : { chain, text }
    } catch {
      // What isn't percent-encoded as it should be.
      return 'unreadable'
    }
  }
}
