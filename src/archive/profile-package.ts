import type { XmlElement } from '../xml/element.ts'
import type { DescriptorReader } from './descriptor-reader.ts'
import {
  ignored,
  readFiles,
  readLevel,
  readPackageDependencies,
  readPackageDependency,
  readRequirements,
  textOf,
} from './profile-parts.ts'
import type { PackageDependency, ProfilePackage } from './service-profile.ts'

const softwareTypes = ['library', 'application', 'plugin', 'webapplication']

type Kind = ProfilePackage['kind']

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
