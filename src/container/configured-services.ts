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

/** As DIRAC has it, a list of services says their ports itself: `Samples/Echo:9443`. */
function startedServices(layers: readonly Layer[], only: readonly string[] | undefined): readonly StartedService[] {
  const runnable = describedServices(mergeLayers(layers)).filter(
    ({ name, handlerPath }) => handlerPath !== undefined && !handlerPath.endsWith('.py') && isServedName(name),
  )
  if (only === undefined) {
    const started = runnable.filter(({ isHttps }) => isHttps)
    return started.map((service) => ({
      service,
      port: Number(service.options.get('Port') || Number.NaN),
      option: `${service.section}/Port`,
    }))
  }
  const words = new Map(only.map((word) => [word.split(':', 1)[0], word])).values()
  return [...words].map((word) => {
    const [name, port] = word.split(':')
    const service = runnable.find((one) => one.name === name)
    if (service !== undefined) return { service, port: Number(port || Number.NaN), option: `--services ${word}` }
    throw new ConfiguredServiceUnknown(
      word,
      runnable.map((one) => one.name),
    )
  })
}

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
