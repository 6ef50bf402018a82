import type { PackageDependency } from '../../src/archive/service-profile.ts'
import type { LiveDeployment } from '../../src/container/dependencies.ts'
import type { CarriedPackage, Manifest } from '../../src/container/manifest.ts'
import type { PlaceService } from '../../src/isolate/place.ts'

export const placeService = (name: string, allowedMethods: PlaceService['allowedMethods'] = '*'): PlaceService => ({
  name,
  className: 'org.x.Service',
  scope: 'Application',
  loadOnStartup: true,
  allowedMethods,
  parameters: {},
})

/** A GAR `echo` with service `Samples/echo`, deployable in both modes. */
export function manifestOf(garId: string, change: Partial<Manifest> = {}): Manifest {
  const services = [placeService(`Samples/${garId}`)]
  return {
    format: 2,
    security: {},
    garId,
    digest: `${garId}-1`,
    archive: `${garId}.gar`,
    version: '1.0',
    service: { serviceClass: 'Samples', serviceName: garId },
    services: { secure: services, open: services },
    jndi: {},
    dependencies: [],
    needs: [],
    carries: [],
    requirements: [],
    ...change,
  }
}

export const liveOf = (manifest: Manifest, change: Partial<LiveDeployment['record']> = {}): LiveDeployment => ({
  record: {
    garId: manifest.garId,
    live: 1,
    digest: manifest.digest,
    mode: 'open',
    desired: 'ready',
    ...change,
  },
  manifest,
})

/** `Samples/Counter/stubs`, imported as `stubs`. */
export const carried = (name: string, version: string, digest = `${name}-${version}`): CarriedPackage => ({
  package: `Samples/Counter/${name}`,
  version,
  digest,
  importName: name,
})

export const needed = (packageName: string, version: string, optional = false): PackageDependency => ({
  service: { serviceClass: 'Samples', serviceName: 'Counter', version: undefined },
  packageName,
  version,
  scope: 'GHN',
  optional,
})

export const dependingOn = (...names: string[]): Manifest['dependencies'] =>
  names.map((serviceName) => ({ serviceClass: 'Samples', serviceName, version: undefined }))
