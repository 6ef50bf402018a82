import type { XmlElement } from '../xml/element.ts'
import { type DescriptorReader, truthOf } from './descriptor-reader.ts'
import type { PackageDependency, Requirement, ServiceReference } from './service-profile.ts'

const levels = ['NONE', 'GHN', 'VRE', 'VO'] as const
/** What DILIGENT called them. */
const olderLevels: Readonly<Record<string, Level>> = { DHN: 'GHN', DL: 'VRE' }
const operators = ['eq', 'exist', 'ge', 'gt', 'le', 'lt', 'ne'] as const

type Level = (typeof levels)[number]

/** For elements that are read elsewhere or say nothing that a deployment needs. */
export const ignored = (): void => {}

/** The trimmed text of a child element; undefined when it is absent or blank. */
export function textOf(parent: XmlElement | undefined, local: string): string | undefined {
  return parent?.child(local)?.text().trim() || undefined
}

/** The `level` of an element in the words of either era; the schema's default for Shareable. */
export function readLevel(reader: DescriptorReader, element: XmlElement | undefined): Level | undefined {
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

/** A dependency on a package, or the target of a plugin; undefined, and reported, when it names none. */
export function readPackageDependency(reader: DescriptorReader, element: XmlElement): PackageDependency | undefined {
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
