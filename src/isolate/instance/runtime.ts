import { getHeapStatistics } from 'node:v8'
import { errorAnswer } from '../../rpc/answer.ts'
import type { MultipleCredentialsListener, SimpleCredentialsListener } from '../../service/credentials.ts'
import { errorAsData } from '../../service/errors.ts'
import { Logger } from '../../service/logger.ts'
import { shared } from '../../service/runtime.ts'
import type { FromInstance } from '../control.ts'
import type { CallbackName, PlaceSpec } from '../place.ts'
import { acceptFronts } from './front-links.ts'
import { Host } from './host.ts'
import type { Connect } from './link.ts'
import { LoadedServices } from './loaded-services.ts'
import { Outflow } from './outflow.ts'
import { asReason, CallbackFailed, ServiceCrashed } from './start-errors.ts'

const log = new Logger('dhn')
const noEndpoint = errorAnswer(500, 'There is no such service here')
let before = performance.eventLoopUtilization()
let services: LoadedServices | undefined
let host: Host

/** Runs the service of one deployment as the node at the other end of the link says; once in a process or thread. */
export function runInstance(connect: Connect): void {
  host = new Host(
    connect,
    (told) => {
      if (told.what === 'start') void start(told.spec)
      else if (told.what === 'callback') void runCallback(told.id, told.name)
      else if (told.what === 'credentials') void deliverCredentials(told.id, told.pem, told.scope)
      else if (told.what === 'beat') host.tell(sign())
      else if (told.what === 'configuration') host.configuration = told.configuration
      else if (told.what === 'more') outflow.more(told.id, told.parts)
      else if (told.what === 'enough') outflow.enough(told.id)
      else void stop()
    },
    (...of) => call(outflow, ...of),
  )
  const outflow = outflowInto(host.writer)
  process.on('uncaughtException', (error, kind) => {
    log.error(kind === 'unhandledRejection' ? 'a rejection was not handled' : 'an exception was not caught', error)
    host.tell({ what: 'crashed', error: errorAsData(new ServiceCrashed(kind, asReason(error))) })
    host.writer.flush(() => process.exit(1))
  })
}

const outflowInto = (writer: ConstructorParameters<typeof Outflow>[0]): Outflow =>
  new Outflow(writer, (error) => log.error('an answer broke off', error))

function call(outflow: Outflow, id: number, index: number, method: string, args: string, told?: string): void {
  const answer = services?.endpoints[index]?.answer(method, args, told) ?? noEndpoint
  if (answer instanceof Promise) void answer.then((later) => outflow.send(id, later))
  else outflow.send(id, answer)
}

async function start(spec: PlaceSpec): Promise<void> {
  shared.node = host.nodeFor(spec)
  const starting = new LoadedServices(spec, shared.node.shared)
  try {
    const registration = await starting.start()
    services = starting
    if (spec.callSockets !== undefined) acceptFronts(outflowInto, call)
    host.tell({ what: 'registered', registration })
  } catch (error) {
    host.tell({ what: 'failed', error: errorAsData(error) })
  }
}

function sign(): FromInstance {
  const now = performance.eventLoopUtilization()
  const busy = performance.eventLoopUtilization(now, before).utilization
  before = now
  return { what: 'alive', busy, heap: getHeapStatistics().used_heap_size }
}

async function runCallback(id: number, name: CallbackName): Promise<void> {
  await answered(id, `${name}()`, async () => shared.registered[0]?.callback[name]?.())
}

async function deliverCredentials(id: number, pem: string, scope: string | undefined): Promise<void> {
  await answered(id, 'credentials listener', async () => {
    const { credentials, listener } = shared.registered[0] ?? {}
    if (credentials === 'simple') await (listener as SimpleCredentialsListener).credentialsDelivered({ pem })
    if (credentials === 'multiple') {
      await (listener as MultipleCredentialsListener).credentialsDelivered(scope ?? '', { pem })
    }
  })
}

async function answered(id: number, name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
    host.tell({ what: 'done', id })
  } catch (error) {
    log.error(`${name} failed`, error)
    host.tell({ what: 'done', id, error: errorAsData(new CallbackFailed(name, asReason(error))) })
  }
}

async function stop(): Promise<void> {
  await services?.destroy()
  host.writer.flush(() => process.exit(0))
}
