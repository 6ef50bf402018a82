import type { Problem } from './problem.ts'

/**
 * A service profile: what a service archive says of itself (`profile.xml`).
 *
 * Both the gCube schema (service.xsd) and the DILIGENT-era names are read into this one form.
 *
 * @see docs/archive.md, and gcube.md 4.1 for the source of each field
 */
export interface ServiceProfile {
  /** Empty text before the service is registered. */
  readonly id: string
  readonly type: string
  readonly era: 'gcube' | 'diligent'
  readonly scopes: readonly string[]
  readonly description: string | undefined
  readonly serviceClass: string
  readonly serviceName: string
  readonly version: string
  /** Services that must be there, of the whole service. */
  readonly dependencies: readonly ServiceReference[]
  readonly packages: readonly ProfilePackage[]
  readonly problems: readonly Problem[]
}

export interface ServiceReference {
  readonly serviceClass: string
  readonly serviceName: string
  /** Absent: any. */
  readonly version: string | undefined
}

export interface ProfilePackage {
  readonly kind: 'main' | 'software' | 'plugin'
  /** Software: `library` (default), `application`, `plugin`, `webapplication`; Main: `service`; as written otherwise. */
  readonly type: string
  /** True for a library that says it holds the stubs of a service (DILIGENT's `IsStubOf`, or a name with "stubs" in it). */
  readonly stubs: boolean
  readonly name: string
  readonly version: string
  readonly description: string | undefined
  readonly deployable: boolean
  readonly multiVersion: boolean | undefined
  readonly mandatory: 'NONE' | 'GHN' | 'VRE' | 'VO' | undefined
  readonly shareable: 'NONE' | 'GHN' | 'VRE' | 'VO' | undefined
  readonly maven: { readonly groupId: string; readonly artifactId: string; readonly version: string } | undefined
  readonly requirements: readonly Requirement[]
  readonly dependencies: readonly PackageDependency[]
  readonly installScripts: readonly string[]
  readonly uninstallScripts: readonly string[]
  readonly rebootScripts: readonly string[]
  /** Main only: the file name of the GAR inside the package's folder. */
  readonly garArchive: string | undefined
  /** Main only. */
  readonly portTypes: readonly { readonly name: string; readonly wsdl: string | undefined }[]
  /** Software and Plugin: files relative to the package's folder. */
  readonly files: readonly string[]
}

/** A condition on the node (GHNRequirements). */
export interface Requirement {
  readonly category: string
  readonly requirement: string
  readonly value: string
  readonly operator: 'eq' | 'exist' | 'ge' | 'gt' | 'le' | 'lt' | 'ne'
}

/** A package of a service (mostly stubs) that must be there. */
export interface PackageDependency {
  readonly service: ServiceReference
  readonly packageName: string
  /** Default `1.0` in the schema; an exact version or a range. */
  readonly version: string
  readonly scope: 'NONE' | 'GHN' | 'VRE' | 'VO'
  readonly optional: boolean
}
