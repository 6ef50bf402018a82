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

/** So many that are about who asks, and so many others: a flood of one kind doesn't push out the other. */
const remembered = 1000

/** The last refusals of this node, in memory; those that are about who asks go into the audit log as well. */
@injectable()
export class RefusalBook implements Refusals {
  readonly #ofCallers: Kept[] = []
  readonly #others: Kept[] = []

  constructor(@inject(AuditTrail) private readonly audit: AuditTrail) {}

  noted(refusal: RefusalNote): string {
    const kept = { ...refusal, id: refusal.id ?? randomUUID(), at: Date.now() }
    const isOfCaller =
      refusal.kind === 'admin' || refusal.rule !== undefined || refusal.credential?.failed !== undefined
    const book = isOfCaller ? this.#ofCallers : this.#others
    book.push(kept)
    // Moving what is left costs, so it is done for many at a time.
    if (book.length >= 2 * remembered) book.splice(0, remembered)
    if (isOfCaller) {
      const { kind, what, code, from, who } = refusal
      const alike = [kind, what, code, from, who.dn, who.claimed, who.group].join('\n')
      this.audit.refused(alike, () => entryOf(kept))
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
    const kept = [this.#ofCallers, this.#others].flatMap((book) => book.slice(-remembered))
    return kept.sort((one, other) => other.at - one.at)
  }
}

const viewOf = ({ at, ...note }: Kept): RefusalView => ({
  ...note,
  at: new Date(at).toISOString(),
  next: nextStep(note),
})

const entryOf = ({ id, kind, who, what, from, code }: Kept): AuditEntry => ({
  kind,
  who,
  what,
  ...(from !== undefined && { from }),
  outcome: 'refused',
  code,
  request: id,
})
