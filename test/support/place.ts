import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { makeLadder } from '../../src/isolate/ladder.ts'
import type { Isolation, Place, PlaceListener, PlaceReply, PlaceService, PlaceSpec } from '../../src/isolate/place.ts'
import type { CallFacts } from '../../src/service/caller.ts'
import type { ErrorData } from '../../src/service/errors.ts'
import { instanceEntry } from './instance-entry.ts'
import { supervised } from './supervised.ts'
import { temporaryFolder } from './temporary.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface TestPlace {
  readonly place: Place
  readonly spec: PlaceSpec
  /** What the service has asked the node for: `state disabled because`, `address Samples/Echo`. */
  readonly asked: string[]
  /** Why it ended, once it has. */
  readonly ended: Promise<ErrorData>
  log(): string
  /** `told`: what the node tells of the call. */
  call(
    method: string,
    args?: unknown,
    endpoint?: number,
    told?: CallFacts,
  ): Promise<{ status: number; type: string; body: string }>
}

export interface Deployment {
  /** Text of modules by their path in `lib`. */
  readonly lib: Readonly<Record<string, string>>
  readonly services?: readonly (Partial<PlaceService> & Pick<PlaceService, 'name'>)[]
  readonly spec?: Partial<PlaceSpec>
  readonly listener?: Partial<PlaceListener>
}

/** A deployment written as files, and a place for it; both are gone when the test is over. */
export function placeFor({
  lib,
  services = [{ name: 'Samples/Test' }],
  spec = {},
  listener = {},
}: Deployment): TestPlace {
  const folder = temporaryFolder()
  const directory = join(folder, 'deployment')
  for (const [path, text] of Object.entries(lib)) {
    const file = join(directory, 'lib', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  for (const name of ['deployment/node_modules', 'deployment/etc/test', 'state']) {
    mkdirSync(join(folder, name), { recursive: true })
  }
  symlinkSync(root, join(directory, 'node_modules', 'dhn'))
  const whole: PlaceSpec = {
    directory,
    garId: 'test',
    riId: 'ri-1',
    dhnId: 'dhn-1',
    configurationDirectory: 'etc/test',
    persistentDirectory: join(folder, 'state'),
    secure: false,
    services: services.map((service) => ({
      className: 'test.Service',
      scope: 'Application',
      loadOnStartup: false,
      allowedMethods: '*',
      parameters: {},
      ...service,
    })),
    jndi: {},
    logFile: join(folder, 'test.log'),
    environment: {},
    heapMegabytes: 64,
    limits: { start: 15_000, ready: 10_000, callback: 10_000, stop: 5_000 },
    isolation: 'process',
    supervision: supervised({}),
    ...spec,
  }
  const asked: string[] = []
  let tellEnd: (cause: ErrorData) => void = () => {}
  const ended = new Promise<ErrorData>((resolve) => {
    tellEnd = resolve
  })
  const place = makeLadder(instanceEntry)(whole, {
    async stateRequested(state, reason) {
      asked.push(`state ${state}${reason === undefined ? '' : ` ${reason}`}`)
    },
    async addressAsked(service) {
      asked.push(`address ${service}`)
      return `http://localhost:1/${service}`
    },
    joinShared: () => ({ ask: async () => undefined, leave: () => {} }),
    ended: (cause) => tellEnd(cause),
    ...listener,
  })
  onTestFinished(() => place.kill())
  return {
    place,
    spec: whole,
    asked,
    ended,
    log: () => readFileSync(whole.logFile, 'utf8'),
    call: (method, args = [], endpoint = 0, told) =>
      new Promise((resolve) => {
        const text = typeof args === 'string' ? args : JSON.stringify(args)
        const facts = told && { told: JSON.stringify(told) }
        place.call({ endpoint, method, args: text, ...facts }, (reply) => resolve(readable(reply)))
      }),
  }
}

function readable({ status, contentType, body }: PlaceReply): { status: number; type: string; body: string } {
  return { status, type: contentType, body: Buffer.from(body).toString('utf8') }
}

/** Its process is gone, or its thread, which has no process of its own. */
export function expectGone({ pid }: Place): void {
  if (pid !== undefined) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
}

export const rungs: readonly Isolation[] = ['process', 'thread']

/** `placeFor` on one rung of the isolation ladder. */
export const placeOn =
  (isolation: Isolation) =>
  (deployment: Deployment): TestPlace =>
    placeFor({ ...deployment, spec: { isolation, ...deployment.spec } })

/** A module with the class `Service`: `export_` methods and state callbacks that note what was called in `notes`. */
export function serviceModule(body: string, registration = ''): string {
  return `
import { authorization, convertToReturnValue, gCubeStartupManager, HTTPError, MultipleCredentialsListener, NAL, RequestHandler, S_ERROR, S_OK, SimpleCredentialsListener, TornadoResponse, logger } from 'dhn/service'
export const notes = []
const note = (text) => () => { notes.push(text) }
const callback = { ready: note('ready'), failed: note('failed'), disabled: note('disabled'), redeployed: note('redeployed') }
export class Service extends RequestHandler {
  ${registration}
  export_notes() { return S_OK(notes) }
  ${body}
}
`
}
