import type { RequestListener } from 'node:http'
import { inject, injectable } from 'inversify'
import { AuditTrail } from '../../container/audit-trail.ts'
import { ContainerConfig } from '../../container/container-config.ts'
import { HostingNode } from '../../container/hosting-node.ts'
import { NodeLog } from '../../container/node-log.ts'
import { RefusalBook } from '../../container/refusal-book.ts'
import { TransportConfiguration } from '../configuration.ts'
import { StopSwitch } from '../stop-switch.ts'
import { adminApi } from './admin-api.ts'
import type { Admit } from './admission.ts'
import { uploadsInto } from './uploads.ts'

/** The admin API of this node for each door that has it. */
@injectable()
export class AdminApps {
  constructor(
    @inject(TransportConfiguration) private readonly configuration: TransportConfiguration,
    @inject(ContainerConfig) private readonly container: ContainerConfig,
    @inject(HostingNode) private readonly node: HostingNode,
    @inject(StopSwitch) private readonly stopSwitch: StopSwitch,
    @inject(AuditTrail) private readonly audit: AuditTrail,
    @inject(RefusalBook) private readonly refusals: RefusalBook,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {}

  /** `isLocal`: it comes from the owner of the home, on this machine. */
  guardedBy(admit: Admit, isLocal: boolean): RequestListener {
    const { staging, uploadLimit } = this.configuration.admin
    const context = {
      node: this.node,
      uploads: uploadsInto(staging, uploadLimit),
      isLocal,
      audit: this.audit,
      refusals: this.refusals,
      stop: () => setImmediate(this.stopSwitch),
    }
    return adminApi(context, { version: this.container.version, log: this.log, admit })
  }
}
