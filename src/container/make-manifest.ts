import type { Archive, Mode, SecuredWsdd } from '../archive/archive.ts'
import { bindJndi } from '../archive/bind-jndi.ts'
import { isolationWish } from '../archive/isolation-wish.ts'
import { isStateless } from '../archive/statelessness.ts'
import type { Wsdd } from '../archive/wsdd.ts'
import type { PlaceService } from '../isolate/place.ts'
import type { DescribedSecurity, Manifest } from './manifest.ts'

/** What the node keeps of an archive; `name` is the file name it was given under. */
export function makeManifest(archive: Archive, name: string): Manifest {
  const { gar, profile } = archive
  const isolation = gar && isolationWish(gar)
  return {
    format: 2,
    garId: archive.id,
    digest: archive.digest,
    archive: name,
    version: profile?.version ?? '',
    ...serviceOf(archive),
    services: servicesOf(archive),
    ...(isolation === undefined ? {} : { isolation }),
    ...(gar !== undefined && isStateless(gar) ? { stateless: true } : {}),
    security: securityOf(archive),
    jndi: gar?.jndi === undefined ? {} : bindJndi(gar.jndi.config),
    dependencies: profile?.dependencies ?? [],
    needs: profile?.packages.flatMap((one) => one.dependencies) ?? [],
    carries: archive.packages.map(({ declared, digest, importName }) => ({
      package: `${profile?.serviceClass ?? ''}/${profile?.serviceName ?? ''}/${declared.name}`,
      version: declared.version,
      digest,
      importName,
    })),
    requirements: profile?.packages.flatMap((one) => one.requirements) ?? [],
  }
}

function serviceOf({ profile }: Archive): Pick<Manifest, 'service'> {
  if (profile === undefined) return {}
  const { serviceClass, serviceName } = profile
  const main = profile.packages.find((one) => one.kind === 'main')
  if (main === undefined) return { service: { serviceClass, serviceName } }
  return { service: { serviceClass, serviceName, mainPackage: { name: main.name, version: main.version } } }
}

function servicesOf(archive: Archive): Manifest['services'] {
  const { secure, open } = archive.gar?.descriptors ?? {}
  const services: { [mode in Mode]?: readonly PlaceService[] } = {}
  if (secure !== undefined) services.secure = placeServices(secure.wsdd)
  if (open !== undefined) services.open = placeServices(open.wsdd)
  return services
}

function securityOf(archive: Archive): Manifest['security'] {
  const { secure, open } = archive.gar?.descriptors ?? {}
  const security: { [mode in Mode]?: Readonly<Record<string, DescribedSecurity>> } = {}
  if (secure !== undefined) security.secure = describedIn(secure)
  if (open !== undefined) security.open = describedIn(open)
  return security
}

function describedIn({ wsdd, security }: SecuredWsdd): Readonly<Record<string, DescribedSecurity>> {
  return Object.fromEntries(
    wsdd.services.flatMap(({ name, providers }) => {
      const descriptor = security.get(name)
      return descriptor === undefined ? [] : [[name, { descriptor, providers }]]
    }),
  )
}

/** A WSDD service without a class is served by a handler of the container it was written for: there is nothing to run. */
function placeServices(wsdd: Wsdd): readonly PlaceService[] {
  return wsdd.services.flatMap(({ name, className, scope, loadOnStartup, allowedMethods, parameters }) =>
    className === undefined
      ? []
      : [{ name, className, scope, loadOnStartup, allowedMethods, parameters: Object.fromEntries(parameters) }],
  )
}
