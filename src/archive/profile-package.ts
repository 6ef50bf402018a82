import type { XmlElement } from '../xml/element.ts'
import { type DescriptorReader, truthOf } from './descriptor-reader.ts'
import type { PackageDependency, ProfilePackage, Requirement, ServiceReference } from './service-profile.ts'

const levels = ['NONE', 'GHN', 'VRE', 'VO'] as const
/** What DILIGENT called them. */
const olderLevels: Readonly<Record<string, Level>> = { DHN: 'GHN', DL: 'VRE' }
const operators = ['eq', 'exist', 'ge', 'gt', 'le', 'lt', 'ne'] as const
const softwareTypes = ['library', 'application', 'plugin', 'webapplication']

type Level = (typeof levels)[number]
type Kind = ProfilePackage['kind']

/** For elements that are read elsewhere or say nothing that a deployment needs. */
export const ignored = (): void => {}

/** The trimmed text of a child element; undefined when it is absent or blank. */
export function textOf(parent: XmlElement | undefined, local: string): string | undefined {
  return parent?.child(local)?.text().trim() || undefined
}

/** Reads the `Packages` of the gCube form. */
export function readPackages(reader: DescriptorReader, element: XmlElement): ProfilePackage[] {
  const packages: ProfilePackage[] = []
  const reads = (kind: Kind) => (child: XmlElement) => packages.push(readPackage(reader, child, kind))
  reader.children(element, { Main: reads('main'), Software: reads('software'), Plugin: reads('plugin') })
  return packages
}

function readPackage(reader: DescriptorReader, element: XmlElement, kind: Kind): ProfilePackage {
  const name = textOf(element, 'Name') ?? ''
  const version = textOf(element, 'Version') ?? ''
  const type = textOf(element, 'Type') ?? { main: 'service', software: 'library', plugin: 'plugin' }[kind]
  const found = {
    maven: readMaven(element),
    dependencies: [] as PackageDependency[],
    portTypes: [] as { name: string; wsdl: string | undefined }[],
    target: undefined as PackageDependency | undefined,
  }
  reader.attributes(element, ['deployable'])
  reader.once(element, ['Name', 'Version', 'Type', 'GARArchive', 'Files', 'URI', 'GHNRequirements'])
  reader.children(element, {
    Description: ignored,
    Name: ignored,
    Version: ignored,
    Type: ignored,
    SpecificData: ignored,
    ServiceEquivalenceFunctions: ignored,
    GARArchive: ignored,
    URI: ignored,
    EntryPoint: ignored,
    MultiVersion: ignored,
    Mandatory: ignored,
    Shareable: ignored,
    GHNRequirements: ignored,
    Files: ignored,
    InstallScripts: ignored,
    UninstallScripts: ignored,
    RebootScripts: ignored,
    RepositoryLocation: (child) => noteOutsideSchema(reader, child),
    MavenCoordinates: (child) => noteOutsideSchema(reader, child),
    Dependencies: (child) => found.dependencies.push(...readPackageDependencies(reader, child)),
    PortType: (child) => found.portTypes.push(readPortType(reader, child)),
    TargetService: (child) => {
      found.target = readPackageDependency(reader, child)
    },
  })
  const what = name === '' ? `a ${element.name.local} package` : `the package ${name}`
  if (name === '') reader.report('error', 'package-no-name', `${what} has no Name`, element)
  if (version === '') reader.report('warning', 'package-no-version', `${what} has no Version`, element)
  const garArchive = textOf(element, 'GARArchive')
  if (kind === 'main' && garArchive === undefined) {
    reader.report('warning', 'no-gar-archive', `${what} names no GARArchive`, element)
  }
  if (kind === 'software' && !softwareTypes.includes(type)) {
    reader.report('note', 'package-type', `${what} is of the type ${type}`, element)
  }
  const deployable = element.attribute('deployable')
  const multiVersion = element.child('MultiVersion')
  const multiText = multiVersion && (multiVersion.attribute('value') ?? multiVersion.text())
  return {
    kind,
    type,
    stubs: kind === 'software' && type === 'library' && /stubs/i.test(name),
    name,
    version,
    description: textOf(element, 'Description'),
    deployable: deployable === undefined || reader.truth(deployable, true, `deployable of ${what}`, element),
    multiVersion:
      multiText === undefined ? undefined : reader.truth(multiText, true, `MultiVersion of ${what}`, element),
    mandatory: readLevel(reader, element.child('Mandatory')),
    shareable: readLevel(reader, element.child('Shareable')),
    maven: found.maven,
    requirements: readRequirements(reader, element.child('GHNRequirements')),
    dependencies: found.dependencies,
    installScripts: readFiles(reader, element.child('InstallScripts')),
    uninstallScripts: readFiles(reader, element.child('UninstallScripts')),
    rebootScripts: readFiles(reader, element.child('RebootScripts')),
    garArchive,
    portTypes: found.portTypes,
    files: readFiles(reader, element.child('Files')),
    uri: textOf(element, 'URI'),
    target: found.target,
    entryPoint: textOf(element, 'EntryPoint'),
  }
}

function noteOutsideSchema(reader: DescriptorReader, element: XmlElement): void {
  reader.report('note', 'outside-schema', `<${element.name.local}> is not in the schema, and is read`, element)
}

/** `MavenCoordinates`, or the `RepositoryLocation` of some older profiles. */
function readMaven(element: XmlElement): ProfilePackage['maven'] {
  const maven = element.child('MavenCoordinates')
  const coordinates = element.child('RepositoryLocation')?.elements('Coordinate') ?? []
  const part = (name: string) =>
    textOf(maven, name) ??
    textOf(
      coordinates.find((one) => textOf(one, 'Name')?.toLowerCase() === name.toLowerCase()),
      'Value',
    )
  const [groupId, artifactId, version] = [part('groupId'), part('artifactId'), part('version')]
  if (groupId === undefined || artifactId === undefined) return undefined
  return { groupId, artifactId, version: version ?? '' }
}

function readPortType(reader: DescriptorReader, element: XmlElement): { name: string; wsdl: string | undefined } {
  reader.children(element, { Name: ignored, Security: ignored, WSDL: ignored })
  const name = textOf(element, 'Name') ?? ''
  if (name === '') reader.report('warning', 'port-type-no-name', 'a PortType has no Name', element)
  const wsdl = element.child('WSDL')
  if (wsdl === undefined) reader.report('note', 'port-type-no-wsdl', `the PortType ${name} has no WSDL`, element)
  return { name, wsdl: wsdl?.text().trim() || undefined }
}

function readLevel(reader: DescriptorReader, element: XmlElement | undefined): Level | undefined {
  if (element === undefined) return undefined
  const text = (element.attribute('level') ?? element.text()).trim().toUpperCase()
  // The schema's default, for Shareable and for the Scope of a dependency; Mandatory has to say it.
  if (text === '') return element.name.local === 'Shareable' ? 'VO' : undefined
  const level = levels.find((one) => one === text) ?? (Object.hasOwn(olderLevels, text) ? olderLevels[text] : undefined)
  if (level === undefined) {
    reader.report('warning', 'level', `the level of <${element.name.local}> is “${text}”, which is not known`, element)
  }
  return level
}

/** Reads the `Requirement` children of `GHNRequirements`, or of DILIGENT's `DHNRequirements`. */
export function readRequirements(reader: DescriptorReader, element: XmlElement | undefined): Requirement[] {
  const requirements: Requirement[] = []
  if (element === undefined) return requirements
  reader.children(element, {
    Requirement: (child) => {
      reader.attributes(child, ['category', 'requirement', 'value', 'operator'])
      const category = reader.required(child, 'category')
      const text = child.attribute('operator')?.trim().toLowerCase() ?? 'eq'
      const operator = operators.find((one) => one === text)
      if (operator === undefined) {
        reader.report('error', 'operator', `a requirement has the operator “${text}”, which is not known`, child)
      }
      if (category === undefined || operator === undefined) return
      const requirement = child.attribute('requirement')?.trim() ?? ''
      requirements.push({ category, requirement, value: child.attribute('value')?.trim() ?? '', operator })
    },
  })
  return requirements
}

/** The `File` children; of a list without any, its own text when it has one. */
export function readFiles(reader: DescriptorReader, element: XmlElement | undefined): string[] {
  const files: string[] = []
  if (element === undefined) return files
  reader.children(element, {
    File: (child) => {
      const file = child.text().trim()
      if (file === '') reader.report('warning', 'file-empty', `a File of <${element.name.local}> names none`, child)
      else files.push(file)
    },
  })
  const own = element.elements().length === 0 ? element.text().trim() : ''
  return own === '' ? files : [own]
}

/** Reads the `Dependency` children that name services. */
export function readServiceReferences(reader: DescriptorReader, element: XmlElement): ServiceReference[] {
  const references: ServiceReference[] = []
  reader.children(element, {
    Dependency: (child) => {
      const reference = readServiceReference(reader, child.child('Service') ?? child)
      if (reference !== undefined) references.push(reference)
    },
  })
  return references
}

function readServiceReference(reader: DescriptorReader, element: XmlElement): ServiceReference | undefined {
  const serviceClass = textOf(element, 'Class') ?? textOf(element, 'ServiceClass')
  const serviceName = textOf(element, 'Name') ?? textOf(element, 'ServiceName')
  if (serviceClass === undefined || serviceName === undefined) {
    const missing = serviceClass === undefined ? 'Class' : 'Name'
    reader.report('error', 'dependency', `a dependency names no service: it has no ${missing}`, element)
    return undefined
  }
  return { serviceClass, serviceName, version: textOf(element, 'Version') ?? textOf(element, 'ServiceVersion') }
}

/** Reads the `Dependency` children that name packages of services. */
export function readPackageDependencies(reader: DescriptorReader, element: XmlElement): PackageDependency[] {
  const dependencies: PackageDependency[] = []
  reader.children(element, {
    Dependency: (child) => {
      const dependency = readPackageDependency(reader, child)
      if (dependency !== undefined) dependencies.push(dependency)
    },
  })
  return dependencies
}

function readPackageDependency(reader: DescriptorReader, element: XmlElement): PackageDependency | undefined {
  const service = element.child('Service')
  const reference = service && readServiceReference(reader, service)
  const packageName = textOf(element, 'Package') ?? textOf(element, 'PackageName')
  if (service === undefined || packageName === undefined) {
    const missing = service === undefined ? 'Service' : 'Package'
    reader.report('error', 'dependency', `a dependency names no package: it has no ${missing}`, element)
  }
  if (reference === undefined || packageName === undefined) return undefined
  const optional = textOf(element, 'Optional')
  return {
    service: reference,
    packageName,
    version: textOf(element, 'Version') ?? '1.0',
    scope: readLevel(reader, element.child('Scope')) ?? 'GHN',
    optional: optional !== undefined && reader.truth(optional, false, `Optional of ${packageName}`, element),
  }
}

/** What a flag says that is an element with a text or a `value`; an empty one says yes, an absent one nothing. */
export function flagOf(element: XmlElement | undefined): boolean | undefined {
  if (element === undefined) return undefined
  const text = (element.attribute('value') ?? element.text()).trim()
  return text === '' ? true : truthOf(text)
}
