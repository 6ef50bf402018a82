import { createRequire } from 'node:module'
import { ContainerModule } from 'inversify'
import { MakePlace } from './place.ts'
import { makeProcessPlace } from './process-place.ts'

/** The isolation ladder: for now every service runs in a process of its own. */
export const isolateModule = new ContainerModule(({ bind }) => {
  bind<MakePlace>(MakePlace).toConstantValue(makeProcessPlace(createRequire(import.meta.url).resolve('#instance')))
})
