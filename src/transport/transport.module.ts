import { ContainerModule } from 'inversify'
import { AdminDoor } from './admin-door.ts'
import { HttpDoors } from './http-doors.ts'

/** The doors. Their configuration and the stop switch are bound where the node is put together. */
export const transportModule = new ContainerModule(({ bind }) => {
  bind(HttpDoors).toSelf().inSingletonScope()
  bind(AdminDoor).toSelf().inSingletonScope()
})
