import { isAbsolute, join, parse } from 'node:path'
import { fileOf } from '../cfg/cfg-sources.ts'
import { type DescribedService, describedServices } from '../cfg/https-services.ts'
import { type Layer, mergeLayers, originOf, placeText } from '../cfg/layers.ts'
import { DhnError } from '../service/errors.ts'
import type { Home } from '../store/home.ts'
import { type Manifest, withoutArchive } from './manifest.ts'

/** It comes from the configuration: what is done with archives can't be done with it. */
export class ServiceConfigured extends DhnError {
  readonly code = 'DHN_SERVICE_CONFIGURED'
  constructor(
    readonly garId: string,
    readonly section: string,
    readonly place: string,
    what: string,
  ) {
    super(`${garId} comes from the configuration, ${section} in ${place}: ${what}`, {
      next: 'change the configuration and start the node again; dhn ri restart takes a changed module',
    })
  }
}

/** A service that `dhn start --services` names isn't in the configuration, or has no handler there. */
export class ConfiguredServiceUnknown extends DhnError {
  readonly code = 'DHN_CONFIGURED_SERVICE_UNKNOWN'
  constructor(
    readonly service: string,
    readonly known: readonly string[],
  ) {
    super(`the configuration has no service ${service} with a HandlerPath`, {
      next: known.length === 0 ? 'describe it below /Systems: docs/develop.md' : `there is ${known.join(', ')}`,
    })
  }
}

export const noVersions = 'it has no versions'

/**
 * The services that the configuration alone brings, as manifests: those of `only`, else all with `Protocol = https`.
 *
 * A service without a `HandlerPath` waits for an archive that brings it, and one with a module of Python for another program.
 *
 * @throws {ConfiguredServiceUnknown} one of `only` can't be started
 */
export function configuredServices(
  layers: readonly Layer[],
  home: Home,
  only: readonly string[] | undefined,
): readonly Manifest[] {
  return startedServices(layers, only).map(({ service }) => manifestOf(service, layers, home))
}

/** A port of its own that services have, besides the node's. */
export interface ServicePort {
  readonly port: number
  readonly services: readonly string[]
  /** Where the first of them names it: what to change when the port is taken. */
  readonly option: string
}

/**
 * The ports that these services name, each once: with `only` those that stand there behind the names, else the option `Port`.
 *
 * @throws {ConfiguredServiceUnknown} one of `only` can't be started
 */
export function servicePorts(layers: readonly Layer[], only: readonly string[] | undefined): readonly ServicePort[] {
  const ports = new Map<number, ServicePort>()
  for (const { service, port, option } of startedServices(layers, only)) {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) continue
    const { services = [], ...first } = ports.get(port) ?? {}
    ports.set(port, { port, option, ...first, services: [...services, service.name] })
  }
  return [...ports.values()]
}

interface StartedService {
  readonly service: DescribedService
  /** NaN: none of its own. */
  readonly port: number
  readonly option: string
}

/** As DIRAC has it, a list of services says their ports itself, `Samples/Echo:9443`, and a group is what it loads. */
function startedServices(layers: readonly Layer[], only: readonly string[] | undefined): readonly StartedService[] {
  const described = describedServices(mergeLayers(layers))
  const words = only ?? described.filter(({ isHttps }) => isHttps).map(({ name }) => name)
  const started = new Map<string, StartedService>()
  for (const word of words) {
    const [name = '', port] = word.split(':')
    const services = membersOf(name, described).filter(isRunnable)
    if (services.length === 0 && only !== undefined) throw new ConfiguredServiceUnknown(word, runnableIn(described))
    for (const service of services) {
      const own = only === undefined ? service.options.get('Port') : port
      const option = only === undefined ? `${service.section}/Port` : `--services ${word}`
      started.set(service.name, { service, port: Number(own || Number.NaN), option })
    }
  }
  return [...started.values()]
}

/** The services that `name` stands for: itself, or those of a group, groups in it included. */
function membersOf(
  name: string,
  described: readonly DescribedService[],
  seen = new Set<string>(),
): readonly DescribedService[] {
  const service = described.find((one) => one.name === name)
  if (service === undefined || seen.has(name)) return []
  seen.add(name)
  return service.load.length === 0 ? [service] : service.load.flatMap((one) => membersOf(one, described, seen))
}

const isRunnable = ({ name, handlerPath, load }: DescribedService): boolean =>
  load.length === 0 && handlerPath !== undefined && !handlerPath.endsWith('.py') && isServedName(name)

const runnableIn = (described: readonly DescribedService[]): readonly string[] =>
  described.filter(isRunnable).map(({ name }) => name)

/** No archive's GAR ID has a colon. */
const idOf = (name: string): string => name.replaceAll('/', ':')

/** Whether what has this id came from the configuration, whatever the configuration says today. */
export const isConfiguredId = (garId: string): boolean => garId.includes(':')

/** It stands in addresses and in the names of files. */
const isServedName = (name: string): boolean => name.split('/').every((word) => /^[A-Za-z0-9_][\w.~-]*$/.test(word))

function manifestOf(service: DescribedService, layers: readonly Layer[], home: Home): Manifest {
  const { name, section, handlerPath = '', options } = service
  const module = isAbsolute(handlerPath) ? handlerPath : join(home.root, handlerPath)
  const place = originOf(layers, section) ?? { file: fileOf(layers, '')(section), line: 0 }
  return {
    ...withoutArchive,
    garId: idOf(name),
    digest: '',
    archive: module,
    version: 'configured',
    configured: { section, place: placeText(place) },
    services: {
      secure: [
        {
          name,
          className: parse(module).name,
          module,
          scope: 'Request',
          loadOnStartup: false,
          allowedMethods: '*',
          parameters: Object.fromEntries(options),
        },
      ],
    },
  }
}

/** Refuses what can't be done with a service of the configuration. @throws {ServiceConfigured} */
export function refuseConfigured(manifest: Manifest | undefined, what: string): void {
  const { configured, garId } = manifest ?? {}
  if (configured !== undefined) throw new ServiceConfigured(garId as string, configured.section, configured.place, what)
}
