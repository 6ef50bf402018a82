import { ContainerModule } from 'inversify'
import { Addresses } from './addresses.ts'
import { AuditTrail } from './audit-trail.ts'
import { Authorization } from './authorization.ts'
import { Changeover } from './changeover.ts'
import { ConfigurationCopy } from './configuration-copy.ts'
import { Deployer } from './deployer.ts'
import { DhnNode } from './dhn-node.ts'
import { Dispatcher } from './dispatcher.ts'
import { EndpointTable } from './endpoints.ts'
import { FlightRecorders } from './flight-recorders.ts'
import { Followers } from './followers.ts'
import { Gatekeeper } from './gatekeeper.ts'
import { Holds } from './holds.ts'
import { HostingNode } from './hosting-node.ts'
import { IncarnationMaker } from './incarnation-maker.ts'
import { InstanceControl } from './instance-control.ts'
import { FiguresBook } from './instance-figures.ts'
import { InstanceIds } from './instance-ids.ts'
import { InstanceRegistry } from './instance-registry.ts'
import { InstanceViews } from './instance-view.ts'
import { Janitor } from './janitor.ts'
import { ModuleWatch } from './module-watch.ts'
import { Operations } from './operations.ts'
import { Planner } from './planner.ts'
import { Recovery } from './recovery.ts'
import { RefusalBook } from './refusal-book.ts'
import { Refusals } from './refusals.ts'
import { Restorer } from './restorer.ts'
import { SharedStates } from './shared-states.ts'
import { Takeover } from './takeover.ts'
import { Turns } from './turns.ts'
import { Undeployer } from './undeployer.ts'

/** The heart of the node. It needs a ContainerConfig, a NodeStore, a NodeLog and the MakePlace of the isolation. */
export const containerModule = new ContainerModule(({ bind }) => {
  for (const one of [
    Addresses,
    AuditTrail,
    Authorization,
    Changeover,
    ConfigurationCopy,
    Deployer,
    DhnNode,
    Dispatcher,
    EndpointTable,
    FlightRecorders,
    FiguresBook,
    Followers,
    Gatekeeper,
    Holds,
    IncarnationMaker,
    InstanceControl,
    InstanceIds,
    InstanceRegistry,
    InstanceViews,
    Janitor,
    ModuleWatch,
    Operations,
    Planner,
    Recovery,
    RefusalBook,
    Restorer,
    SharedStates,
    Takeover,
    Turns,
    Undeployer,
  ]) {
    bind(one as never)
      .toSelf()
      .inSingletonScope()
  }
  bind(Refusals).toService(RefusalBook)
  bind(HostingNode).toService(DhnNode)
})
