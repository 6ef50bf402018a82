import type { AuditEntry } from './audit-entry.ts'

interface Alike {
  readonly entry: AuditEntry
  count: number
}

/** ms in which refusals that are alike are told once, and then counted. */
const window = 60_000
/** Kinds of refusals told in that time; of the others it is told how many there were. */
const mostKinds = 64

/**
 * Anybody can be refused as often as he likes: the first refusal of a kind is told at once, and at the end of a minute how many
 * more there were. So a flood writes some hundred lines a minute, and a refusal costs one look-up.
 */
export class RefusalTally {
  readonly #kinds = new Map<string, Alike>()
  #others: Alike | undefined
  #since = ''
  #timer: NodeJS.Timeout | undefined

  constructor(private readonly tell: (entry: AuditEntry) => void) {}

  /** @param kind what makes refusals alike */
  refused(kind: string, entry: () => AuditEntry): void {
    const known = this.#kinds.get(kind)
    if (known !== undefined) {
      known.count += 1
      return
    }
    if (this.#kinds.size === 0) this.#begin()
    if (this.#kinds.size < mostKinds) {
      const first = entry()
      this.#kinds.set(kind, { entry: first, count: 0 })
      this.tell(first)
      return
    }
    this.#others ??= { entry: othersThan(entry()), count: 0 }
    this.#others.count += 1
  }

  /** Tells what was counted. */
  flush(): void {
    clearTimeout(this.#timer)
    for (const { entry, count } of [...this.#kinds.values(), ...(this.#others === undefined ? [] : [this.#others])]) {
      const { request: _, ...alike } = entry
      if (count > 0) this.tell({ ...alike, count, since: this.#since })
    }
    this.#kinds.clear()
    this.#others = undefined
  }

  #begin(): void {
    this.#since = new Date().toISOString()
    this.#timer = setTimeout(() => this.flush(), window).unref()
  }
}

const othersThan = ({ kind, who: { via } }: AuditEntry): AuditEntry => ({
  kind,
  who: { via },
  what: 'refusals of other kinds',
  outcome: 'refused',
})
