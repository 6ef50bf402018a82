import { ContainerModule } from 'inversify'
import { AdminApps } from './admin/admin-apps.ts'
import { RemoteAdmin } from './admin/remote-admin.ts'
import { AdminDoor } from './admin-door.ts'
import { Callers } from './callers.ts'
import { FrontDoors } from './fronts/front-doors.ts'
import { Health } from './health.ts'
import { HttpDoors } from './http-doors.ts'
import { Metrics } from './metrics/metrics.ts'
import { Pages } from './pages.ts'

/** The doors. Their configuration and the stop switch are bound where the node is put together. */
export const transportModule = new ContainerModule(({ bind }) => {
  bind(AdminApps).toSelf().inSingletonScope()
  bind(RemoteAdmin).toSelf().inSingletonScope()
  bind(Callers).toSelf().inSingletonScope()
  bind(Health).toSelf().inSingletonScope()
  bind(Metrics).toSelf().inSingletonScope()
  bind(Pages).toSelf().inSingletonScope()
  bind(HttpDoors).toSelf().inSingletonScope()
  bind(FrontDoors).toSelf().inSingletonScope()
  bind(AdminDoor).toSelf().inSingletonScope()
})
