import type { InstanceView } from '../container/views.ts'
import { RemoteError } from '../service/errors.ts'
import type { Context, ExitCode } from './command.ts'
import { nameOf, paintState } from './instance-text.ts'

/** Milliseconds to wait for an instance that is enabled or disabled: longer than its callbacks and drain may take. */
export const patienceFor = ({ timeout }: Context): number => (timeout ?? 120) * 1000

/** Prints the state that an instance is in now; 1 when it isn't the one that was wanted. */
export function changed(instance: InstanceView, wanted: string, { output }: Context): ExitCode {
  const done = instance.state === wanted
  output.result(instance, (view) => `${nameOf(view)}  ${paintState(output, view.state)}`)
  if (!done && !output.json && instance.cause !== undefined) output.error(new RemoteError(instance.cause))
  return done ? 0 : 1
}
