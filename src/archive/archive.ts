import type { SecurityDescriptor } from '../security/authorization/security-descriptor.ts'
import type { JndiConfig } from './jndi.ts'
import type { Problem } from './problem.ts'
import type { ProfilePackage, ServiceProfile } from './service-profile.ts'
import type { Wsdd } from './wsdd.ts'

/** Secure: operations are protected. Open: the `_NOSEC` descriptor is live. */
export type Mode = 'secure' | 'open'

/** An archive that was read and found safe: data and unpacked files, nothing of it has run. */
export interface Archive {
  readonly kind: 'gar' | 'service-archive'
  /** The GAR ID; for an archive of Software packages only, the archive's file name without its extensions. */
  readonly id: string
  /** The folder that the file as given was unpacked to. */
  readonly root: string
  /** SHA-256 of the file as given, in lower case hexadecimal. */
  readonly digest: string
  /** Bytes of the file as given. */
  readonly size: number
  /** Absent when the archive holds Software packages only. */
  readonly gar: Gar | undefined
  /** `profile.xml` at the root of a service archive, or `etc/profile.xml` of a bare GAR. */
  readonly profile: ServiceProfile | undefined
  /** Software packages, stubs among them, in the profile's order. */
  readonly packages: readonly ArchivePackage[]
  /** Everything odd in the archive and in each descriptor. */
  readonly problems: readonly Problem[]
}

export interface Gar {
  /** The file name without `.gar`. */
  readonly id: string
  readonly format: 'zip' | 'tar.gz'
  /** The folder it was unpacked to. */
  readonly root: string
  /** Which descriptor becomes live in each mode; absent: the GAR has none for that mode. */
  readonly descriptors: { readonly [mode in Mode]?: GarDescriptor & SecuredWsdd }
  readonly jndi: (GarDescriptor & { readonly config: JndiConfig }) | undefined
  /** JavaScript modules in `lib/`, as paths inside the GAR. */
  readonly modules: readonly string[]
  /** Jars and class files, as paths inside the GAR: they can't run here. */
  readonly java: readonly string[]
  readonly entries: number
  /** Bytes of all its files, unpacked. */
  readonly unpackedSize: number
}

/** A WSDD with the security descriptors that its services name. */
export interface SecuredWsdd {
  readonly wsdd: Wsdd
  /** By service name; a service that names none isn't in it. Their `file` is the path inside the deployment. */
  readonly security: ReadonlyMap<string, SecurityDescriptor>
}

export interface GarDescriptor {
  /** The path inside the GAR, such as `etc/deploy-server.wsdd_NOSEC`. */
  readonly path: string
  /** The text with `@config.dir@` and `@gar.id@` filled in, as it becomes live. */
  readonly text: string
}

/** A Software package of a service archive. */
export interface ArchivePackage {
  readonly declared: ProfilePackage
  /** The folder it was unpacked to. */
  readonly root: string
  /** SHA-256 over its sorted file names and contents. */
  readonly digest: string
  /** What service code writes after `from`: the name in the package's own package.json, else the package's name. */
  readonly importName: string
  /** All files in its folder, relative to it, sorted; the profile may list fewer. */
  readonly files: readonly string[]
}
