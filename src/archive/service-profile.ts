import { XmlElement } from '../xml/element.ts'
import { type DescriptorOptions, DescriptorReader } from './descriptor-reader.ts'
import { readDiligentPackages } from './diligent-profile.ts'
import type { Problem } from './problem.ts'
import { readPackages } from './profile-package.ts'
import { ignored, readServiceReferences, textOf } from './profile-parts.ts'

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
  /** Files relative to the package's folder; of a Main in the DILIGENT form its other files and configuration too. */
  readonly files: readonly string[]
  /** Software that is fetched from an address instead of being in the archive. */
  readonly uri: string | undefined
  /** Plugin only: the package that it extends. */
  readonly target: PackageDependency | undefined
  /** Plugin only. */
  readonly entryPoint: string | undefined
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

const kind = { words: 'service profile', code: 'profile', root: 'Resource', namespace: '' }

/**
 * Reads a service profile, leniently in order and completeness. Everything odd in it is among its problems; what a
 * deployment can't do without (the service's class and name, a package's name) is an error when it is missing.
 *
 * @throws {XmlRefused} it is not well-formed
 * @throws {DescriptorRootWrong} its root is not `Resource`
 */
export function parseServiceProfile(input: string | Uint8Array, options: DescriptorOptions = {}): ServiceProfile {
  const reader = new DescriptorReader(input, kind, options)
  const { root } = reader
  let scopes: string[] = []
  let profile: XmlElement | undefined
  reader.attributes(root, ['version'])
  reader.children(root, {
    ID: ignored,
    Type: ignored,
    Scopes: (child) => {
      scopes = child.elements('Scope').map((scope) => scope.text().trim())
    },
    Profile: (child) => {
      if (profile !== undefined) reader.report('error', 'profile-repeated', 'there is a second Profile', child)
      profile ??= child
    },
  })
  const id = root.child('ID')?.text().trim() ?? ''
  const type = textOf(root, 'Type') ?? ''
  reader.once(root, ['ID', 'Type'])
  if (type === '') reader.report('warning', 'no-type', 'the Resource has no Type: taken for a Service', root)
  else if (type !== 'Service') {
    reader.report('error', 'type', `the profile is of type “${type}”, and not of a Service`, root.child('Type') ?? root)
  }
  if (profile === undefined) reader.report('error', 'no-profile', 'the Resource has no Profile', root)
  return { id, type, scopes, ...readBody(reader, profile ?? emptyProfile(root)), problems: reader.problems }
}

const emptyProfile = ({ prefixes, line, column }: XmlElement) =>
  new XmlElement({ namespace: '', local: 'Profile', prefix: '' }, [], [], prefixes, line, column)

type Body = Omit<ServiceProfile, 'id' | 'type' | 'scopes' | 'problems'>

function readBody(reader: DescriptorReader, profile: XmlElement): Body {
  const dependencies: ServiceReference[] = []
  let gcube: ProfilePackage[] = []
  const diligent: ProfilePackage[] = []
  let era: ServiceProfile['era'] = 'gcube'
  const old = (read: (child: XmlElement) => void) => (child: XmlElement) => {
    era = 'diligent'
    read(child)
  }
  const packagesList = old((child) => diligent.push(...readDiligentPackages(reader, child)))
  const dlDependencies = old((child) => dependencies.push(...readServiceReferences(reader, child)))
  reader.children(profile, {
    Description: ignored,
    Class: ignored,
    Name: ignored,
    Version: ignored,
    Configuration: ignored,
    SpecificData: ignored,
    Dependencies: (child) => dependencies.push(...readServiceReferences(reader, child)),
    Packages: (child) => {
      gcube = [...gcube, ...readPackages(reader, child)]
    },
    DescriptiveParameters: old(ignored),
    QoS: old(ignored),
    DLDependencies: dlDependencies,
    PackagesList: packagesList,
    DeploymentInfo: old((info) =>
      reader.children(info, {
        DLDependencies: dlDependencies,
        PackagesList: packagesList,
        Dependencies: dlDependencies,
      }),
    ),
  })
  reader.once(profile, ['Class', 'Name', 'Version'])
  const required = (local: string) => {
    const text = textOf(profile, local)
    if (text === undefined) reader.report('error', `no-${local.toLowerCase()}`, `the service has no ${local}`, profile)
    return text ?? ''
  }
  const serviceClass = required('Class')
  const serviceName = required('Name')
  const version = textOf(profile, 'Version')
  if (version === undefined) reader.report('warning', 'no-version', 'the service has no Version', profile)
  const packages = [...gcube, ...diligent]
  reportOddPackages(reader, profile, packages)
  const description = textOf(profile, 'Description') ?? textOf(profile.child('DescriptiveParameters'), 'Description')
  return { era, description, serviceClass, serviceName, version: version ?? '', dependencies, packages }
}

function reportOddPackages(reader: DescriptorReader, at: XmlElement, packages: readonly ProfilePackage[]): void {
  if (packages.length === 0) reader.report('warning', 'no-package', 'the service has no package', at)
  if (packages.filter(({ kind }) => kind === 'main').length > 1) {
    reader.report('error', 'mains', 'the service has more than one main package', at)
  }
  const names = packages.map(({ name }) => name).filter((name) => name !== '')
  for (const name of new Set(names.filter((one, index) => names.indexOf(one) !== index))) {
    reader.report('error', 'package-repeated', `the package ${name} stands twice`, at)
  }
}
