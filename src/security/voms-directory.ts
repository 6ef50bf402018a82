import type { Certificate } from './certificate.ts'
import { NameUnreadable } from './errors.ts'
import { readName, textKey } from './name-text.ts'

/** The names of one chain in an `.lsc` file: the VOMS server's subject, its issuer, and so on up. As text keys. */
export type LscChain = readonly string[]

/** An immutable picture of a `vomsdir`: which VOMS servers speak for which VO. */
export class VomsDirectory {
  constructor(
    private readonly chains: readonly { readonly vo: string; readonly host: string; readonly chain: LscChain }[],
    private readonly certificates: readonly { readonly vo: string; readonly certificate: Certificate }[] = [],
  ) {}

  /** The same text for pictures that say the same. */
  get state(): string {
    return JSON.stringify([this.chains, this.certificates.map(({ vo, certificate }) => [vo, certificate.fingerprint])])
  }

  knowsVo(vo: string): boolean {
    return this.chains.some((one) => one.vo === vo) || this.certificates.some((one) => one.vo === vo)
  }

  chainsOf(vo: string, host: string): readonly LscChain[] {
    return this.chains.filter((one) => one.vo === vo && one.host.toLowerCase() === host).map(({ chain }) => chain)
  }

  /** The certificates that were put there for a VO: trusted for it as they are, still within their lives and CAs. */
  certificatesOf(vo: string): readonly Certificate[] {
    return this.certificates.filter((one) => one.vo === vo).map(({ certificate }) => certificate)
  }
}

/** The chains of an `.lsc` file, one name a line, chains parted by `------ NEXT CHAIN ------`. Unreadable: none. */
export function readLsc(text: string): readonly LscChain[] {
  try {
    return text
      .split(/^-+ *NEXT CHAIN *-+$/im)
      .map((part) =>
        part
          .split(/\r?\n/)
          .map((line) => line.trim())
          .filter((line) => line !== '' && !line.startsWith('#'))
          .map((line) => textKey(readName(line))),
      )
      .filter((chain) => chain.length >= 2)
  } catch (cause) {
    if (cause instanceof NameUnreadable) return []
    throw cause
  }
}
