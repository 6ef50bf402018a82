import { inject, injectable } from 'inversify'
import { HostingNode } from '../container/hosting-node.ts'
import { TransportConfiguration } from './configuration.ts'
import { type Readiness, readinessOf } from './readiness.ts'

/** What the node tells those who decide whether it gets calls, or whether it lives. */
@injectable()
export class Health {
  #leaving = false

  constructor(
    @inject(TransportConfiguration) private readonly configuration: TransportConfiguration,
    @inject(HostingNode) private readonly node: HostingNode,
  ) {}

  readiness(): Readiness {
    const state = { leaving: this.#leaving, now: Date.now() }
    return readinessOf(this.node.view(), this.node.instances(false), this.configuration.health, state)
  }

  /** The node is about to stop: it is ready no more. */
  leave(): void {
    this.#leaving = true
  }
}
