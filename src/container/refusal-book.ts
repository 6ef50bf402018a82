import { randomUUID } from 'node:crypto'
import { inject, injectable } from 'inversify'
import type { AuditEntry } from '../audit/audit-entry.ts'
import { DhnError } from '../service/errors.ts'
import { AuditTrail } from './audit-trail.ts'
import { nextStep } from './refusal-advice.ts'
import type { RefusalNote, Refusals } from './refusals.ts'

/** A refusal as `dhn explain` shows it. */
export interface RefusalView extends RefusalNote {
  readonly id: string
  /** ISO 8601, UTC. */
  readonly at: string
  /** What the operator can do. */
  readonly next: string
}

/** No refusal with this id is remembered. */
export class RefusalUnknown extends DhnError {
  readonly code = 'DHN_REFUSAL_UNKNOWN'
  constructor(readonly id: string) {
    super(`no refusal ${id} is remembered`, {
      next: `the last ${remembered} since the node began are: dhn explain; the audit log may know more: dhn audit --what ${id}`,
    })
  }
}

type Kept = RefusalNote & { readonly id: string; readonly at: number }

/** So many that are about who asks, so many that are about the request itself, and so many others: a flood of one kind doesn't push out another. */
const remembered = 1000

/** The last refusals of this node, in memory; those that are about who asks go into the audit log as well. */
@injectable()
export class RefusalBook implements Refusals {
  readonly #ofCallers: Kept[] = []
  readonly #ofRequests: Kept[] = []
  readonly #others: Kept[] = []

  constructor(@inject(AuditTrail) private readonly audit: AuditTrail) {}

  noted(refusal: RefusalNote): string {
    const kept = { ...refusal, id: refusal.id ?? randomUUID(), at: Date.now() }
    const { kind, what, code, from, who } = kept
    const isOfCaller = kind === 'admin' || kept.rule !== undefined || kept.credential?.failed !== undefined
    if (kind === 'request') {
      keep(this.#ofRequests, kept)
    } else if (isOfCaller) {
      keep(this.#ofCallers, kept)
      const alike = [kind, what, code, from, who.dn, who.claimed, who.group].join('\n')
      this.audit.refused(alike, () => entryOf(kind, kept))
    } else {
      keep(this.#others, kept)
    }
    return kept.id
  }

  /** By its id or a beginning of it. @throws {RefusalUnknown} */
  find(id: string): RefusalView {
    const found = this.#all().find((one) => one.id.startsWith(id))
    if (found === undefined) throw new RefusalUnknown(id)
    return viewOf(found)
  }

  /** The last `count`, newest first. */
  last(count: number): readonly RefusalView[] {
    return this.#all().slice(0, count).map(viewOf)
  }

  #all(): readonly Kept[] {
    const kept = [this.#ofCallers, this.#ofRequests, this.#others].flatMap((book) => book.slice(-remembered))
    return kept.sort((one, other) => other.at - one.at)
  }
}

const viewOf = ({ at, ...note }: Kept): RefusalView => ({
  ...note,
  at: new Date(at).toISOString(),
  next: nextStep(note),
})

function keep(book: Kept[], kept: Kept): void {
  book.push(kept)
  // Moving what is left costs, so it is done for many at a time.
  if (book.length >= 2 * remembered) book.splice(0, remembered)
}

const entryOf = (kind: AuditEntry['kind'], { id, who, what, from, code }: Kept): AuditEntry => ({
  kind,
  who,
  what,
  ...(from !== undefined && { from }),
  outcome: 'refused',
  code,
  request: id,
})
