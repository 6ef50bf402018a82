import type { XmlElement } from '../xml/element.ts'
import type { DescriptorReader } from './descriptor-reader.ts'
import { flagOf, ignored, readFiles, readPackageDependencies, readRequirements, textOf } from './profile-parts.ts'
import type { ProfilePackage } from './service-profile.ts'

/** Types of a DILIGENT package that make it the main one. */
const mainTypes = ['WSRFService', 'Portlet']
const libraryTypes = ['Library', 'Shared', 'Stub', 'External']
const names = ['PackageName', 'Name']
const versions = ['Version', 'PackageVersion']

/**
 * Reads a DILIGENT `PackagesList` into the one form.
 *
 * The names are those of public pages; no such file was found, so each child of the list is taken for a package,
 * however it is named, and a value may be a text, a `value` attribute or, for a type, the name of a child.
 */
export function readDiligentPackages(reader: DescriptorReader, list: XmlElement): ProfilePackage[] {
  return list.elements().map((element) => readPackage(reader, element))
}

function readPackage(reader: DescriptorReader, element: XmlElement): ProfilePackage {
  const first = (locals: readonly string[]) =>
    locals.map((local) => textOf(element, local)).find((text) => text !== undefined)
  const name = first(names) ?? ''
  const what = name === '' ? 'a package' : `the package ${name}`
  if (name === '') reader.report('error', 'package-no-name', `${what} has no PackageName`, element)
  const version = first(versions)
  if (version === undefined) reader.report('warning', 'package-no-version', `${what} has no Version`, element)
  const types = typesOf(element)
  const main = mainTypes.find((type) => types.includes(type))
  const library = types.some((type) => libraryTypes.includes(type))
  const kind: ProfilePackage['kind'] = main === undefined ? 'software' : 'main'
  const lists: Record<'installScripts' | 'uninstallScripts' | 'rebootScripts' | 'files', string[]> = {
    installScripts: [],
    uninstallScripts: [],
    rebootScripts: [],
    files: [],
  }
  const into = (which: keyof typeof lists) => (child: XmlElement) => lists[which].push(...readFiles(reader, child))
  const dependencies: ProfilePackage['dependencies'][number][] = []
  const flags = Object.fromEntries(flagNames.map((flag) => [flag, ignored]))
  reader.children(element, {
    ...flags,
    PackageName: ignored,
    Name: ignored,
    PackageType: ignored,
    Type: ignored,
    IsStubOf: ignored,
    Version: ignored,
    PackageVersion: ignored,
    Description: ignored,
    GARArchive: ignored,
    OtherProperties: ignored,
    DHNRequirements: ignored,
    InstallScripts: into('installScripts'),
    UninstallScripts: into('uninstallScripts'),
    RebootScripts: into('rebootScripts'),
    ManifestFile: into('files'),
    ConfigurationFiles: into('files'),
    OtherFiles: into('files'),
    Files: into('files'),
    Dependencies: (child) => dependencies.push(...readPackageDependencies(reader, child)),
  })
  const gar = lists.files.find((file) => file.toLowerCase().endsWith('.gar'))
  return {
    kind,
    type: main === 'WSRFService' ? 'service' : (main ?? (library ? 'library' : (types[0] ?? 'library'))),
    stubs:
      main === undefined && (types.includes('Stub') || has(element, 'IsStubOf') || (library && /stubs/i.test(name))),
    name,
    version: version ?? '',
    description: textOf(element, 'Description'),
    deployable: true,
    multiVersion: flagOf(element.child('MultiVersionSupport')),
    mandatory: levelOf(reader, element, { VO: 'VOMandatory', VRE: 'DLMandatory', GHN: 'DHNMandatory' }),
    shareable: levelOf(reader, element, { VO: 'VOSharingSupport', VRE: 'DLSharable' }),
    maven: undefined,
    requirements: readRequirements(reader, element.child('DHNRequirements')),
    dependencies,
    installScripts: lists.installScripts,
    uninstallScripts: lists.uninstallScripts,
    rebootScripts: lists.rebootScripts,
    garArchive: main === undefined ? undefined : (textOf(element, 'GARArchive') ?? gar),
    portTypes: [],
    files: lists.files.filter((file) => main === undefined || file !== gar),
    uri: undefined,
    target: undefined,
    entryPoint: undefined,
  }
}

const flagNames = [
  'DLMandatory',
  'DHNMandatory',
  'VOMandatory',
  'DLSharable',
  'VOSharingSupport',
  'MultiVersionSupport',
  'DisposeInterfaceSupport',
]

/** The words of the type: `Library` and `Stub` of `Library/Stub`, of nested elements or of the element's own name. */
function typesOf(element: XmlElement): string[] {
  const type = element.child('PackageType') ?? element.child('Type')
  if (type === undefined) return [element.name.local].filter((local) => [...mainTypes, ...libraryTypes].includes(local))
  const nested = (from: XmlElement): string[] =>
    from.elements().flatMap((child) => [child.name.local, ...nested(child)])
  const value = type.attribute('value') ?? type.text()
  return [...value.split(/[^A-Za-z]+/), ...nested(type)].filter((word) => word !== '')
}

function has(element: XmlElement, local: string): boolean {
  return element.elements().some((child) => child.name.local === local || has(child, local))
}

/** The widest level that a flag claims; NONE when all flags that are there deny it. */
function levelOf(
  reader: DescriptorReader,
  element: XmlElement,
  flags: { readonly [level in 'VO' | 'VRE' | 'GHN']?: string },
): ProfilePackage['mandatory'] {
  let denied = false
  for (const level of ['VO', 'VRE', 'GHN'] as const) {
    const flag = element.child(flags[level] ?? '')
    if (flag === undefined) continue
    const value = flagOf(flag)
    if (value === true) return level
    if (value === undefined) reader.report('error', 'boolean', `<${flag.name.local}> is not true or false`, flag)
    denied = true
  }
  return denied ? 'NONE' : undefined
}
