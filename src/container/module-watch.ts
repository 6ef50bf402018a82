import { inject, injectable } from 'inversify'
import { fileStamp } from '../cfg/file-stamp.ts'
import { ContainerConfig } from './container-config.ts'
import { InstanceControl } from './instance-control.ts'
import { InstanceRegistry } from './instance-registry.ts'
import { NodeLog } from './node-log.ts'

/** Milliseconds from one look at the modules to the next. */
const interval = 500

/** While developing: starts a service of the configuration again when its module has changed. */
@injectable()
export class ModuleWatch {
  readonly #stamps = new Map<string, string>()
  #timer: NodeJS.Timeout | undefined

  constructor(
    @inject(ContainerConfig) private readonly config: ContainerConfig,
    @inject(InstanceRegistry) private readonly registry: InstanceRegistry,
    @inject(InstanceControl) private readonly control: InstanceControl,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {}

  start(): void {
    if (this.config.debug !== true) return
    this.#look()
    this.#timer = setInterval(() => this.#look(), interval).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    for (const { garId, manifest, incarnation } of this.registry.live()) {
      if (manifest.configured === undefined || incarnation === undefined) continue
      const before = this.#stamps.get(garId)
      const stamp = fileStamp(manifest.archive)
      this.#stamps.set(garId, stamp)
      if (before === undefined || stamp === before || stamp === '') continue
      this.log.info({ garId, module: manifest.archive }, 'a module has changed: its service starts again')
      this.control.restart(garId)
    }
  }
}
