import type { Archive, Gar, Mode } from './archive.ts'
import type { JndiEnvironment, JndiResourceLink } from './jndi.ts'
import type { Problem } from './problem.ts'
import type { SecureOpenDifference } from './secure-open-difference.ts'
import type { PackageDependency, Requirement, ServiceProfile, ServiceReference } from './service-profile.ts'
import type { WsddHandler, WsddService } from './wsdd.ts'

/**
 * What `dhn inspect --json` prints: all that is known of an archive without running anything in it.
 *
 * Plain data: maps are objects, and what isn't there is left out of the JSON text.
 */
export interface ArchiveDescription {
  readonly kind: Archive['kind']
  readonly id: string
  readonly digest: string
  /** Bytes of the file as given. */
  readonly size: number
  /** In which modes it can be deployed: there is a descriptor for it and no problem of level error stands against it. */
  readonly deployable: { readonly [mode in Mode]: boolean }
  readonly gar: GarDescription | undefined
  /** As read, without its problems, which are among those below. */
  readonly profile: Omit<ServiceProfile, 'problems'> | undefined
  readonly packages: readonly PackageDescription[]
  /** Conditions on the node, of all packages. */
  readonly requirements: readonly (Requirement & { readonly package: string })[]
  readonly dependencies: {
    /** Services that must be ready before this one. */
    readonly services: readonly ServiceReference[]
    /** Packages, mostly stubs, that its packages need. */
    readonly packages: readonly (PackageDependency & { readonly package: string })[]
  }
  readonly problems: readonly Problem[]
}

export interface GarDescription {
  readonly id: string
  readonly format: Gar['format']
  /** Files and folders. */
  readonly entries: number
  /** Bytes. */
  readonly unpackedSize: number
  readonly modules: readonly string[]
  readonly java: readonly string[]
  readonly descriptors: { readonly [mode in Mode]: DescriptorDescription | undefined }
  /** Absent when there is only one descriptor. */
  readonly secureOpenDifference: SecureOpenDifference | undefined
  readonly jndi: JndiDescription | undefined
}

export interface DescriptorDescription {
  /** The file that becomes live. */
  readonly path: string
  readonly globalParameters: Readonly<Record<string, string>>
  readonly requestFlow: readonly HandlerDescription[]
  readonly responseFlow: readonly HandlerDescription[]
  readonly services: readonly ServiceDescription[]
}

export interface HandlerDescription extends Pick<WsddHandler, 'name' | 'type'> {
  readonly parameters: Readonly<Record<string, string>>
}

export interface ServiceDescription
  extends Pick<
    WsddService,
    | 'name'
    | 'className'
    | 'provider'
    | 'use'
    | 'style'
    | 'scope'
    | 'loadOnStartup'
    | 'allowedMethods'
    | 'providers'
    | 'securityDescriptor'
    | 'wsdlFile'
  > {
  /** The path of the class's module inside the GAR; absent when it has none. */
  readonly module: string | undefined
  readonly parameters: Readonly<Record<string, string>>
}

export interface JndiDescription {
  readonly path: string
  readonly global: JndiContextDescription
  readonly services: Readonly<Record<string, JndiContextDescription>>
}

export interface JndiContextDescription {
  readonly environments: readonly (Omit<JndiEnvironment, 'value'> & { readonly value: string | number | boolean })[]
  readonly resources: readonly {
    readonly name: string
    readonly type: string
    readonly parameters: Readonly<Record<string, string>>
  }[]
  readonly links: readonly JndiResourceLink[]
}

export interface PackageDescription {
  readonly name: string
  readonly version: string
  readonly kind: 'main' | 'software' | 'plugin'
  readonly type: string
  readonly stubs: boolean
  /** These three only of the packages that the archive brings unpacked: Software and Plugin ones. */
  readonly importName: string | undefined
  readonly digest: string | undefined
  readonly files: readonly string[] | undefined
}
