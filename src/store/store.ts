import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Key } from 'lmdb'
import { Database } from './database.ts'
import { failpoint } from './failpoint.ts'
import { droppable } from './history.ts'
import type {
  DeploymentRecord,
  InstanceRecord,
  NodeRecord,
  ReportRecord,
  StubsRecord,
  VersionRecord,
} from './records.ts'
import { SharedValues } from './shared-values.ts'
import { StoreFailed, StoreNewer, StoreUnreadable } from './store-errors.ts'
import { damageOf } from './store-file.ts'

/** What one commit changes: all of it or nothing. */
export interface Change {
  /** The desired state of a GAR from now on. */
  readonly live?: DeploymentRecord | readonly DeploymentRecord[]
  /** GAR IDs that are no longer deployed; their history and the end of their instances are kept. */
  readonly gone?: string | readonly string[]
  readonly version?: VersionRecord | readonly VersionRecord[]
  readonly instance?: InstanceRecord | readonly InstanceRecord[]
  readonly report?: ReportRecord | readonly ReportRecord[]
  /** Every shared package that is held from now on. */
  readonly stubs?: readonly StubsRecord[]
}

export interface StoreOptions {
  /** The version of this dhn, to be written down. */
  readonly dhn?: string
  /** Takes what went wrong with a `note`, which nobody waits for. */
  readonly onProblem?: (error: StoreFailed) => void
}

const format = 1
const keptReports = 200
const nodeKey: Key = ['node']
const stubsKey: Key = ['stubs']
const highest = '\u{10ffff}'

/**
 * What a node keeps of itself: the desired state, the history, the instances as last seen and the reports; and of its
 * services what they share.
 *
 * It is the desired state, not a copy of it: there is no step that saves. Reading is synchronous and shows what is
 * committed. One process opens a store, the one that holds the home's lock.
 */
export class Store {
  readonly #database: Database
  readonly #onProblem: (error: StoreFailed) => void
  readonly #numbers = new Map<string, number>()
  readonly #pending = new Set<Promise<void>>()
  readonly node: NodeRecord
  /** What services share over their instances. */
  readonly shared: SharedValues
  /** What wrote the store before, when that was another dhn or another Node. */
  readonly before: Pick<NodeRecord, 'dhn' | 'node'> | undefined

  /**
   * Opens the store in `directory`, and makes it and the node's id when there is none.
   *
   * @throws {StoreNewer} a newer dhn wrote it
   * @throws {StoreUnreadable} it is damaged, or the folder can't be written
   * @throws {StoreFailed} its first record couldn't be written
   */
  static async open(directory: string, options: StoreOptions = {}): Promise<Store> {
    let database: Database
    try {
      const damage = await damageOf(join(directory, 'data.mdb'))
      if (damage !== undefined) throw new Error(damage)
      database = new Database(directory)
    } catch (error) {
      throw new StoreUnreadable(directory, error)
    }
    try {
      return await Store.#begin(directory, database, options)
    } catch (error) {
      await database.close()
      throw error
    }
  }

  static async #begin(directory: string, database: Database, options: StoreOptions): Promise<Store> {
    const found = database.get(nodeKey) as NodeRecord | undefined
    if (found !== undefined && found.format > format) {
      throw new StoreNewer(directory, found.format, format, found.dhn)
    }
    const dhn = options.dhn ?? found?.dhn ?? 'unknown'
    const node: NodeRecord = {
      format,
      nodeId: found?.nodeId ?? randomUUID(),
      createdAt: found?.createdAt ?? new Date().toISOString(),
      dhn,
      node: process.version,
    }
    const changed = found !== undefined && (found.dhn !== dhn || found.node !== node.node)
    if (found === undefined || changed) {
      await database
        .transaction(() => database.put(nodeKey, node))
        .catch((error: unknown) => Promise.reject(new StoreFailed(error)))
    }
    return new Store(database, options, node, changed ? { dhn: found.dhn, node: found.node } : undefined)
  }

  private constructor(
    database: Database,
    options: StoreOptions,
    node: NodeRecord,
    before: Pick<NodeRecord, 'dhn' | 'node'> | undefined,
  ) {
    this.#database = database
    this.#onProblem = options.onProblem ?? (() => {})
    this.node = node
    this.shared = new SharedValues(database, (work) => this.#write(work, true))
    this.before = before
  }

  /** A UUID, made with the store. */
  get nodeId(): string {
    return this.node.nodeId
  }

  /** What is deployed, by GAR ID. */
  deployments(): DeploymentRecord[] {
    return this.#all<DeploymentRecord>('deployment')
  }

  deployment(garId: string): DeploymentRecord | undefined {
    return this.#database.get(['deployment', garId]) as DeploymentRecord | undefined
  }

  /** The versions of one GAR, newest first, whether or not it is still deployed. */
  history(garId: string): VersionRecord[] {
    return this.#all<VersionRecord>('version', garId).reverse()
  }

  /** The versions of every GAR there ever was, by GAR ID, oldest first: what they name may be rolled back to. */
  histories(): VersionRecord[] {
    return this.#all<VersionRecord>('version')
  }

  instance(garId: string): InstanceRecord | undefined {
    return this.#database.get(['instance', garId]) as InstanceRecord | undefined
  }

  /** By GAR ID, those that are no longer deployed among them. */
  instances(): InstanceRecord[] {
    return this.#all<InstanceRecord>('instance')
  }

  /** The shared packages that are held. */
  stubs(): StubsRecord[] {
    return (this.#database.get(stubsKey) as StubsRecord[] | undefined) ?? []
  }

  /** Newest first. */
  reports(limit: number = keptReports): ReportRecord[] {
    return this.#reportKeys({ reverse: true, limit }).map((key) => this.#database.get(key) as ReportRecord)
  }

  report(id: string): ReportRecord | undefined {
    const key = this.#reportKeys({ reverse: true }).find(([, , found]) => found === id)
    return key && (this.#database.get(key) as ReportRecord)
  }

  /** The number of the next version of a GAR: one more than any that was given before. */
  nextNumber(garId: string): number {
    const number = Math.max(this.#numbers.get(garId) ?? 0, this.history(garId)[0]?.number ?? 0) + 1
    this.#numbers.set(garId, number)
    return number
  }

  /**
   * Makes one change. When it has resolved it is on the disk; when it is rejected nothing of it has happened.
   * Changes that come together are synced together, and happen in the order of their calls.
   *
   * @throws {StoreFailed}
   */
  async commit(change: Change): Promise<void> {
    await this.#write(() => this.#put(change), true)
  }

  /** Makes a change that may be lost with the power, such as an instance's passing state. Nobody waits for it. */
  note(change: Change): void {
    this.#write(() => this.#put(change), false).catch(this.#onProblem)
  }

  /** Ends with everything written that was asked for. Safe twice. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#pending)
    await this.#database.close()
  }

  #write(work: () => void, failing: boolean): Promise<void> {
    const written = this.#apply(work, failing).finally(() => this.#pending.delete(written))
    this.#pending.add(written)
    // Whoever asked gets the rejection from `written` itself.
    written.catch(() => {})
    return written
  }

  async #apply(work: () => void, failing: boolean): Promise<void> {
    try {
      if (failing) await failpoint('store.commit')
      await this.#database.transaction(work)
    } catch (error) {
      throw new StoreFailed(error)
    }
    if (failing) await failpoint('store.committed')
  }

  /** Runs inside the transaction: what it reads is what it changes. */
  #put(change: Change): void {
    const touched = new Set<string>()
    for (const garId of list(change.gone)) this.#database.remove(['deployment', garId])
    for (const record of list(change.live)) {
      touched.add(record.garId)
      this.#database.put(['deployment', record.garId], record)
    }
    for (const record of list(change.version)) {
      touched.add(record.garId)
      this.#database.put(['version', record.garId, record.number], record)
    }
    for (const record of list(change.instance)) this.#database.put(['instance', record.garId], record)
    if (change.stubs !== undefined) this.#database.put(stubsKey, change.stubs)
    for (const report of list(change.report)) this.#database.put(['report', report.startedAt, report.id], report)
    for (const garId of touched) this.#forgetVersions(garId)
    if (change.report !== undefined) this.#forgetReports()
  }

  #forgetVersions(garId: string): void {
    const dropped = droppable(this.history(garId), this.deployment(garId)?.live)
    for (const { number } of dropped) this.#database.remove(['version', garId, number])
  }

  #forgetReports(): void {
    for (const key of this.#reportKeys({ reverse: true }).slice(keptReports)) this.#database.remove(key)
  }

  #all<Kind>(...prefix: string[]): Kind[] {
    return this.#database.range({ start: prefix, end: [...prefix, highest] }).map(({ value }) => value as Kind)
  }

  #reportKeys(options: { readonly reverse: true; readonly limit?: number }): string[][] {
    const range = { start: ['report', highest], end: ['report'], ...options }
    return this.#database.keys(range) as string[][]
  }
}

const list = <Item>(items: Item | readonly Item[] | undefined): readonly Item[] =>
  items === undefined ? [] : Array.isArray(items) ? (items as readonly Item[]) : [items as Item]
