import { DhnError } from '../../service/errors.ts'
import { Logger } from '../../service/logger.ts'
import { type ServiceInfo, shared } from '../../service/runtime.ts'
import type { ServiceContext, ServiceLifecycle } from '../../service/service-lifecycle.ts'
import type { SharedState } from '../../service/shared-state.ts'
import { gCubeStartupManager } from '../../service/startup-manager.ts'
import type { PlaceService, PlaceSpec, Registration } from '../place.ts'
import { Endpoint } from './endpoint.ts'
import { loadClass, type ServiceClass } from './load-class.ts'
import { asReason, RiNotRegistered, ServiceStartFailed } from './start-errors.ts'

interface Loaded {
  readonly service: PlaceService
  readonly serviceClass: ServiceClass
  readonly context: ServiceContext
  readonly log: Logger
  object?: object
}

/**
 * The services of a deployment: loaded, made, initialised and registered.
 *
 * Objects of the scope Application and of services loaded on start-up are made and initialised first. One object of each
 * other class is made too, as its methods and rules are read from it; it is initialised only when nothing was registered
 * until then.
 */
export class LoadedServices {
  endpoints: readonly Endpoint[] = []
  readonly #toDestroy: { readonly log: Logger; readonly object: Partial<ServiceLifecycle> }[] = []

  constructor(
    private readonly spec: PlaceSpec,
    private readonly sharedState: SharedState,
  ) {}

  /** @throws {DhnError} why it could not be started */
  async start(): Promise<Registration> {
    const loaded: Loaded[] = []
    for (const service of this.spec.services) loaded.push(await this.#load(service))
    const early = (one: Loaded): boolean => one.service.scope === 'Application' || one.service.loadOnStartup
    for (const one of loaded.filter(early)) await this.#make(one, () => true)
    for (const one of loaded.filter((one) => !early(one))) {
      await this.#make(one, () => shared.registered.length === 0)
    }
    if (shared.registered.length === 0) this.#registerByName()
    this.endpoints = loaded.map(
      ({ service, serviceClass, object, context, log }) =>
        new Endpoint(service, serviceClass, object as object, context, log),
    )
    const ri = shared.registered[0]
    if (ri === undefined) throw new RiNotRegistered()
    const { serviceClass, serviceName, credentials } = ri
    const endpoints = await Promise.all(
      this.endpoints.map((endpoint, index) =>
        attempt(loaded[index] as Loaded, 'rules', async () => endpoint.describe()),
      ),
    )
    return { serviceClass, serviceName, credentials, endpoints }
  }

  /** Calls `destroy()` of what was initialised, the last one first; what it throws is only logged. */
  async destroy(): Promise<void> {
    for (const { log, object } of this.#toDestroy.splice(0).reverse()) {
      try {
        await object.destroy?.()
      } catch (error) {
        log.error('destroy() failed', error)
      }
    }
  }

  async #load(service: PlaceService): Promise<Loaded> {
    const log = new Logger(service.name)
    const { name: serviceName, parameters } = service
    const context = { serviceName, parameters, secure: this.spec.secure, shared: this.sharedState }
    const loaded = await attempt({ service, log }, 'module', () => loadClass(this.spec.directory, service))
    const serviceClass = this.#isShared(service) ? derived(loaded) : loaded
    shared.services.set(serviceClass, infoOf(service))
    return { service, serviceClass, context, log }
  }

  #isShared({ className, module }: PlaceService): boolean {
    return this.spec.services.filter((other) => other.className === className && other.module === module).length > 1
  }

  async #make(one: Loaded, initialises: () => boolean): Promise<void> {
    const object: Partial<ServiceLifecycle> = await attempt(one, 'constructor', async () => new one.serviceClass())
    one.object = object
    if (!initialises()) return
    this.#toDestroy.push({ log: one.log, object })
    await attempt(one, 'init', async () => object.init?.(one.context))
  }

  /** A service that says nothing is registered under the first name that has a class and a name in it. */
  #registerByName(): void {
    const pair = this.spec.services.map(({ name }) => name.split('/')).find((words) => words.length === 2)
    if (pair === undefined) throw new RiNotRegistered()
    const nothing = (): void => {}
    gCubeStartupManager.registerRI(pair[0] as string, pair[1] as string, {
      ready: nothing,
      failed: nothing,
      disabled: nothing,
      redeployed: nothing,
    })
  }
}

/** What a class keeps is its service's own: services of one class have each a class derived from it. */
function derived(serviceClass: ServiceClass): ServiceClass {
  return { [serviceClass.name]: class extends serviceClass {} }[serviceClass.name] as ServiceClass
}

function infoOf({ name, section }: PlaceService): ServiceInfo {
  const path = section ?? `/Systems/${name.replace(/\/([^/]*)$/, '/Services/$1')}`
  return { serviceName: name, serviceSectionPath: path, csPaths: [path], URL: '' }
}

/** What the code of a service throws becomes the cause of the failed start, and its stack goes to the log. */
async function attempt<T>(
  { service, log }: Pick<Loaded, 'service' | 'log'>,
  step: ServiceStartFailed['step'],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    log.error(`can't be started (${step})`, error)
    throw error instanceof DhnError ? error : new ServiceStartFailed(service.name, step, asReason(error))
  }
}
