import { writeSync } from 'node:fs'

/**
 * The places in long work where a test may end the node or have a write fail, in the order in which the work comes by.
 * A name is written down here and nowhere else: what tries them all takes this list.
 */
export const failpoints = [
  'deploy.received',
  'deploy.read',
  'deploy.planned',
  'deploy.staged',
  'deploy.synced',
  'deploy.stubs-moved',
  'deploy.archive-kept',
  'deploy.moved',
  'deploy.candidate-ready',
  'deploy.committed',
  'deploy.switched',
  'deploy.old-stopped',
  'undeploy.planned',
  'undeploy.committed',
  'undeploy.switched',
  'undeploy.stopped',
  'rollback.planned',
  'rollback.candidate-ready',
  'rollback.committed',
  'rollback.switched',
  'rollback.old-stopped',
  'tidy.begun',
  'tidy.ended',
  'recovery.tidied',
  'store.commit',
  'store.committed',
  'audit.write',
  'audit.written',
] as const
export type Failpoint = (typeof failpoints)[number]

/** `kill`: this process ends as by `kill -9`; `enospc`, `eio`: that error is thrown; `pause`: it never goes on. */
type Failure = 'kill' | 'enospc' | 'eio' | 'pause'

const failures: readonly string[] = ['kill', 'enospc', 'eio', 'pause'] satisfies Failure[]
const armed = new Map<string, { readonly failure: Failure; hits: number }>()
const passed = Promise.resolve()

/** Does nothing unless it is armed; then what it is armed with. Says so on standard error first, for the one who waits. */
export function failpoint(name: Failpoint): Promise<void> {
  return armed.size === 0 ? passed : hit(name)
}

/**
 * Arms failpoints by a text such as `deploy.staged=kill,store.commit=eio:3`; the number says at which time it comes by,
 * the first one without it. What was armed before is disarmed.
 *
 * @throws {Error} an unknown failpoint or failure
 */
export function armFailpoints(text: string): void {
  armed.clear()
  for (const word of text.split(',').filter((part) => part.trim() !== '')) {
    const [, name = '', failure = '', hits] = /^\s*([\w.-]+)=([a-z]+)(?::(\d+))?\s*$/.exec(word) ?? []
    if (!(failpoints as readonly string[]).includes(name)) throw new Error(`there is no failpoint in "${word}"`)
    if (!failures.includes(failure)) throw new Error(`a failpoint can ${failures.join(', ')}; not "${word}"`)
    armed.set(name, { failure: failure as Failure, hits: Number(hits ?? 1) })
  }
}

async function hit(name: Failpoint): Promise<void> {
  const point = armed.get(name)
  if (point === undefined || --point.hits > 0) return
  if (point.failure !== 'pause') armed.delete(name)
  writeSync(2, `failpoint ${name}: ${point.failure}\n`)
  if (point.failure === 'kill') process.kill(process.pid, 'SIGKILL')
  if (point.failure === 'kill' || point.failure === 'pause') return new Promise(() => {})
  const [code, message] =
    point.failure === 'enospc' ? ['ENOSPC', 'no space left on device'] : ['EIO', 'input/output error']
  throw Object.assign(new Error(`${code}: ${message}, failpoint ${name}`), { code })
}
