import { createRequire } from 'node:module'
import { ContainerModule } from 'inversify'
import { Guard } from './guard/guard.ts'
import { makeLadder } from './ladder.ts'
import { MakePlace } from './place.ts'
import { guardOf } from './process-place.ts'

export const isolateModule = new ContainerModule(({ bind }) => {
  const runtimeFile = createRequire(import.meta.url).resolve('#instance')
  bind<MakePlace>(MakePlace).toConstantValue(makeLadder(runtimeFile))
  bind(Guard).toConstantValue(guardOf(runtimeFile))
})
