import { createHash } from 'node:crypto'
import { byToken, type Caller } from '../authorization/caller.ts'
import { hostsGroup } from '../authorization/registry.ts'
import { checkToken, longestToken, type RefusedToken, type TokenIssuer } from './check-token.ts'
import { groupIn, type ScopedGroup } from './providers.ts'

/** Tokens whose callers are remembered. */
const most = 1000

interface Remembered {
  readonly caller: Caller
  /** ms since 1970 */
  readonly until: number
}

/**
 * Who shows a token, by the issuers, keys and groups of one moment: when one of them changes another is made. A token that
 * was believed is remembered by its digest until it ends, so that its caller stays the same object.
 */
export class TokenCallers {
  readonly #remembered = new Map<string, Remembered>()

  constructor(
    /** By `iss`. */
    private readonly issuers: ReadonlyMap<string, TokenIssuer>,
    private readonly groups: readonly ScopedGroup[],
  ) {}

  /** Never throws. @param at ms since 1970 */
  of(token: string, at: number): Caller | RefusedToken {
    // What is too long isn't even read for its digest.
    const digest = token.length > longestToken ? '' : createHash('sha256').update(token).digest('base64')
    const known = this.#remembered.get(digest)
    if (known !== undefined && at < known.until) return known.caller
    const verdict = checkToken(token, this.issuers, at)
    if (!verdict.accepted) return verdict
    const { subject, scopes, until } = verdict
    const group = groupIn(scopes, this.groups)
    if (group === hostsGroup) return { accepted: false, reason: 'group-reserved' }
    const caller = byToken(subject, group)
    if (caller === undefined) return { accepted: false, reason: 'subject-unusable' }
    this.#remember(digest, { caller, until })
    return caller
  }

  #remember(digest: string, one: Remembered): void {
    this.#remembered.delete(digest)
    const [oldest] = this.#remembered.size < most ? [] : this.#remembered.keys()
    if (oldest !== undefined) this.#remembered.delete(oldest)
    this.#remembered.set(digest, one)
  }
}
