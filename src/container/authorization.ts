import { readFileSync } from 'node:fs'
import { inject, injectable } from 'inversify'
import type { CfgSection } from '../cfg/cfg.ts'
import { parseCfg } from '../cfg/parse-cfg.ts'
import { ContainerConfig } from './container-config.ts'
import { fileStamp } from './file-stamp.ts'
import { NodeLog } from './node-log.ts'
import { RuleSnapshot } from './rule-snapshot.ts'

/** Milliseconds from one look at the files to the next. */
const interval = 2000
const nothing: CfgSection = { comment: '', line: 0, entries: new Map() }

/**
 * The registry and the rules of `etc/dhn.cfg`, and grid-maps, as they are now: a change of a file is in force a few
 * seconds later, without a restart. A configuration that can't be read leaves the earlier one in force.
 */
@injectable()
export class Authorization {
  readonly #file: string
  #snapshot: RuleSnapshot
  #self: string | undefined
  #configuration: CfgSection = nothing
  #stamp = ''
  #timer: NodeJS.Timeout | undefined

  constructor(
    @inject(ContainerConfig) private readonly config: ContainerConfig,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {
    this.#file = config.home.etc('dhn.cfg')
    this.#snapshot = this.#made()
  }

  /** What rules are made of now; another object after each change. */
  get snapshot(): RuleSnapshot {
    return this.#snapshot
  }

  /** Reads the files, and goes on looking at them until `stop`. */
  start(): void {
    this.refresh()
    this.#timer ??= setInterval(() => this.refresh(), interval)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** The name that the node itself shows, as `textKey` has it. */
  isNode(self: string): void {
    if (self === this.#self) return
    this.#self = self
    this.#snapshot = this.#made()
  }

  /** Looks whether a file has changed since it was read. */
  refresh(): void {
    const stamp = fileStamp(this.#file)
    const isSame = stamp === this.#stamp
    this.#stamp = stamp
    if (isSame ? this.#snapshot.gridMapsChanged() : this.#read()) this.#snapshot = this.#made()
  }

  #read(): boolean {
    try {
      this.#configuration = parseCfg(readFileSync(this.#file, 'utf8'), this.#file)
      const { registry, administrators } = new RuleSnapshot(this.#configuration, '', 'refuse', undefined)
      for (const { message, line } of registry.problems)
        this.log.warn({ file: this.#file, line }, `an entry of the registry is passed over: ${message}`)
      for (const name of administrators.unreadable)
        this.log.warn({ file: this.#file, name }, 'an administrator is no distinguished name and is passed over')
      return true
    } catch (error) {
      // A home that was never initialised has no configuration, and so no rules and nobody in its registry.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      this.log.error({ err: error }, 'etc/dhn.cfg can not be read: its rules and registry stay as they were')
      return false
    }
  }

  #made(): RuleSnapshot {
    return new RuleSnapshot(this.#configuration, this.#file, this.config.withoutRule, this.#self)
  }
}
