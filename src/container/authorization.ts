import { inject, injectable } from 'inversify'
import type { CfgSection } from '../cfg/cfg.ts'
import { type CfgSources, fileOf } from '../cfg/cfg-sources.ts'
import { emptyCfg, type Layer, mergeLayers } from '../cfg/layers.ts'
import { ContainerConfig } from './container-config.ts'
import { NodeLog } from './node-log.ts'
import { RuleSnapshot } from './rule-snapshot.ts'

/** Milliseconds from one look at the files to the next. */
const interval = 2000

/**
 * The registry and the rules of the configuration, and grid-maps, as they are now: a change of a file is in force a few
 * seconds later, without a restart. A configuration that can't be read leaves the earlier one in force.
 */
@injectable()
export class Authorization {
  readonly #sources: CfgSources
  #snapshot: RuleSnapshot
  #self: string | undefined
  #layers: readonly Layer[] = []
  #configuration: CfgSection = emptyCfg
  #stamp = ''
  #timer: NodeJS.Timeout | undefined
  #changed: () => void = () => {}

  constructor(
    @inject(ContainerConfig) private readonly config: Pick<ContainerConfig, 'home' | 'sources' | 'withoutRule'>,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {
    this.#sources = config.sources
    this.#snapshot = this.#made()
  }

  /** What rules are made of now; another object after each change. */
  get snapshot(): RuleSnapshot {
    return this.#snapshot
  }

  /** Reads the files, and goes on looking at them every so many milliseconds until `stop`. */
  start(every = interval): void {
    this.refresh()
    this.#timer ??= setInterval(() => this.refresh(), every)
    this.#timer.unref()
  }

  /** `listener` hears of each change of a file; there is one at most. */
  onChange(listener: () => void): void {
    this.#changed = listener
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
    const stamp = this.#sources.stamp()
    const isSame = stamp === this.#stamp
    this.#stamp = stamp
    if (!(isSame ? this.#snapshot.gridMapsChanged() : this.#read())) return
    this.#snapshot = this.#made()
    this.#changed()
  }

  #read(): boolean {
    try {
      const layers = this.#sources.layers()
      this.#configuration = mergeLayers(layers)
      this.#layers = layers
      const { registry, administrators, file } = this.#made()
      for (const { message, path, line } of registry.problems)
        this.log.warn({ file: file(path), line }, `an entry of the registry is passed over: ${message}`)
      for (const name of administrators.unreadable)
        this.log.warn({ name }, 'an administrator is no distinguished name and is passed over')
      return true
    } catch (error) {
      this.log.error({ err: error }, 'the configuration can not be read: its rules and registry stay as they were')
      return false
    }
  }

  #made(): RuleSnapshot {
    const file = fileOf(this.#layers, this.config.home.etc('dhn.cfg'))
    return new RuleSnapshot(this.#configuration, file, this.config.withoutRule, this.#self)
  }
}
