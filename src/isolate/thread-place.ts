import { fileURLToPath, pathToFileURL } from 'node:url'
import { HostedPlace } from './hosted-place.ts'
import { InstanceThread } from './instance-thread.ts'
import type { MakePlace } from './place.ts'

/** Places that are threads of the node; their entry lies beside `runtimeFile`, the compiled entry of a process. */
export function makeThreadPlace(runtimeFile: string): MakePlace {
  const threadFile = fileURLToPath(new URL('thread.js', pathToFileURL(runtimeFile)))
  return (spec, listener) =>
    new HostedPlace((given, receiver) => new InstanceThread(threadFile, given, receiver), spec, listener)
}
