import { createRequire } from 'node:module'
import { ContainerModule } from 'inversify'
import { makeLadder } from './ladder.ts'
import { MakePlace } from './place.ts'

export const isolateModule = new ContainerModule(({ bind }) => {
  bind<MakePlace>(MakePlace).toConstantValue(makeLadder(createRequire(import.meta.url).resolve('#instance')))
})
