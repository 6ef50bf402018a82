import type { Mode } from '../archive/archive.ts'
import type { PackageDependency, Requirement, ServiceReference } from '../archive/service-profile.ts'
import type { Isolation, JndiValue, PlaceService } from '../isolate/place.ts'
import type { SecurityDescriptor } from '../security/authorization/security-descriptor.ts'

/**
 * What a node needs to know of a deployment again and again, read from its descriptors once when it was staged and kept
 * beside them as `deployment.json`: a node that starts parses no XML.
 */
export interface Manifest {
  /** Raised when the meaning of a field changes; an older one is made anew from the archive. */
  readonly format: 2
  readonly garId: string
  /** The digest of the archive file, which names the deployment's folder. */
  readonly digest: string
  /** The archive's file name as given. */
  readonly archive: string
  /** The profile's version, or empty text. */
  readonly version: string
  /** Class, name and main package as the profile has them; absent without a profile. */
  readonly service?: {
    readonly serviceClass: string
    readonly serviceName: string
    readonly mainPackage?: { readonly name: string; readonly version: string }
  }
  /** It comes from no archive: `archive` is its module then, and `digest` empty. */
  readonly configured?: { readonly section: string; readonly place: string }
  /** The services of each live descriptor there is; empty for an archive of Software packages only. */
  readonly services: { readonly [mode in Mode]?: readonly PlaceService[] }
  /** Where its archive would like it to run. */
  readonly isolation?: Isolation
  /** Its archive says that each call may go to another copy of its service. */
  readonly stateless?: boolean
  /** What the security descriptors say that services name, by mode and service; a service that names none isn't there. */
  readonly security: { readonly [mode in Mode]?: Readonly<Record<string, DescribedSecurity>> }
  readonly jndi: Readonly<Record<string, JndiValue>>
  /** Services that must be ready before this one. */
  readonly dependencies: readonly ServiceReference[]
  /** Packages that its own packages name as dependencies. */
  readonly needs: readonly PackageDependency[]
  /** Software packages that its archive brought. */
  readonly carries: readonly CarriedPackage[]
  readonly requirements: readonly Requirement[]
}

export interface DescribedSecurity {
  readonly descriptor: SecurityDescriptor
  /** The WSDD's providers, whose operations a descriptor may name too. */
  readonly providers: readonly string[]
}

export interface CarriedPackage {
  /** `<service class>/<service name>/<package name>`. */
  readonly package: string
  readonly version: string
  readonly digest: string
  /** What service code writes after `from`. */
  readonly importName: string
}

/** What a manifest says that has no archive to say it. */
export const withoutArchive = {
  format: 2,
  security: {},
  jndi: {},
  dependencies: [],
  needs: [],
  carries: [],
  requirements: [],
} as const satisfies Partial<Manifest>
