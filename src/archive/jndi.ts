import type { XmlElement } from '../xml/element.ts'
import { bindNames } from './bind-jndi.ts'
import { type DescriptorOptions, DescriptorReader } from './descriptor-reader.ts'
import { readJndiValue } from './jndi-value.ts'
import type { Problem } from './problem.ts'

/**
 * A JNDI configuration (`jndi-config.xml`) as Java WS Core reads it.
 *
 * @see docs/archive.md, and gcube.md 2.2 for the source of each field
 */
export interface JndiConfig {
  readonly global: JndiContext
  /** By service name as written; a JNDI service need not match a WSDD service. */
  readonly services: ReadonlyMap<string, JndiContext>
  readonly problems: readonly Problem[]
}

export interface JndiContext {
  readonly environments: readonly JndiEnvironment[]
  readonly resources: readonly JndiResource[]
  readonly links: readonly JndiResourceLink[]
}

export interface JndiEnvironment {
  readonly name: string
  /** The Java class named, such as `java.lang.Integer`. */
  readonly type: string
  /** The text, trimmed. */
  readonly text: string
  /** The text as its type says; a Long out of JavaScript's exact range is a bigint. */
  readonly value: string | number | bigint | boolean
  /** Whether it may replace an entry of the same name, and be replaced by one; true when the file doesn't say. */
  readonly override: boolean
}

export interface JndiResource {
  readonly name: string
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
}

export interface JndiResourceLink {
  readonly name: string
  /** A name such as `java:comp/env/services/X/home`. */
  readonly target: string
}

const kind = {
  words: 'JNDI configuration',
  code: 'jndi',
  root: 'jndiConfig',
  namespace: 'http://wsrf.globus.org/jndi/config',
  namespaceOptional: true,
}

interface OpenContext {
  readonly environments: JndiEnvironment[]
  readonly resources: JndiResource[]
  readonly links: JndiResourceLink[]
}

/** Where each entry stands, to say the line of a problem that shows only when all are read. */
type Places = Map<JndiEnvironment | JndiResource | JndiResourceLink, XmlElement>

/**
 * Reads a JNDI configuration. Everything odd in it is among its problems, links that lead nowhere too.
 *
 * A context written in several parts is put together. An environment whose text is not of its type is an error; its
 * value is then the text.
 *
 * @throws {XmlRefused} it is not well-formed
 * @throws {DescriptorRootWrong} its root is not Java WS Core's `jndiConfig`
 */
export function parseJndi(input: string | Uint8Array, options: DescriptorOptions = {}): JndiConfig {
  const reader = new DescriptorReader(input, kind, options)
  const global = emptyContext()
  const services = new Map<string, OpenContext>()
  const places: Places = new Map()
  reader.attributes(reader.root, [])
  reader.children(reader.root, {
    global: (child) => readContext(reader, child, global, places),
    service: (child) => {
      reader.attributes(child, ['name'])
      const name = reader.required(child, 'name')
      if (name === undefined) return
      const known = services.get(name)
      if (known !== undefined) reader.report('warning', 'service-repeated', `the service ${name} stands twice`, child)
      const context = known ?? emptyContext()
      services.set(name, context)
      readContext(reader, child, context, places)
    },
  })
  for (const { level, word, message, entry } of bindNames({ global, services }).troubles) {
    reader.report(level, word, message, places.get(entry) ?? reader.root)
  }
  return { global, services, problems: reader.problems }
}

const emptyContext = (): OpenContext => ({ environments: [], resources: [], links: [] })

function readContext(reader: DescriptorReader, element: XmlElement, into: OpenContext, places: Places): void {
  reader.children(element, {
    environment: (child) => {
      const environment = readEnvironment(reader, child)
      if (environment === undefined) return
      into.environments.push(environment)
      places.set(environment, child)
    },
    resource: (child) => {
      const resource = readResource(reader, child)
      if (resource === undefined) return
      into.resources.push(resource)
      places.set(resource, child)
    },
    resourceLink: (child) => {
      reader.attributes(child, ['name', 'target', 'description'])
      const name = reader.required(child, 'name')
      const target = reader.required(child, 'target')
      if (name === undefined || target === undefined) return
      const link = { name, target }
      into.links.push(link)
      places.set(link, child)
    },
  })
}

function readEnvironment(reader: DescriptorReader, element: XmlElement): JndiEnvironment | undefined {
  reader.attributes(element, ['name', 'value', 'type', 'override', 'ovverride', 'description'])
  const name = reader.required(element, 'name')
  if (name === undefined) return undefined
  const text = element.attribute('value')?.trim()
  if (text === undefined) {
    reader.report('error', 'no-value', `the environment ${name} has no value`, element)
    return undefined
  }
  const type = element.attribute('type')?.trim() || undefined
  if (type === undefined) reader.report('warning', 'no-type', `the environment ${name} has no type: a text`, element)
  const read = readJndiValue(text, type ?? 'java.lang.String')
  if (read.trouble !== undefined) {
    const level = read.trouble === 'type' ? 'warning' : 'error'
    const message =
      read.trouble === 'type'
        ? `the environment ${name} has the type ${type}, which is not known: read as a text`
        : `the environment ${name} is “${text}”, which is no ${type}`
    reader.report(level, read.trouble, message, element)
  }
  return {
    name,
    type: type ?? 'java.lang.String',
    text,
    value: read.value,
    override: readOverride(reader, element, name),
  }
}

function readOverride(reader: DescriptorReader, element: XmlElement, name: string): boolean {
  const misspelt = element.attribute('ovverride')
  if (misspelt !== undefined) {
    reader.report('note', 'ovverride', `override of ${name} is spelt ovverride: read as override`, element)
  }
  const text = element.attribute('override') ?? misspelt
  return text === undefined || reader.truth(text, true, `override of ${name}`, element)
}

function readResource(reader: DescriptorReader, element: XmlElement): JndiResource | undefined {
  reader.attributes(element, ['name', 'type', 'auth', 'scope', 'description'])
  const name = reader.required(element, 'name')
  const type = reader.required(element, 'type')
  const parameters = new Map<string, string>()
  reader.children(element, {
    resourceParams: (params) => {
      reader.attributes(params, ['name'])
      reader.children(params, { parameter: (child) => readParameter(reader, child, parameters) })
    },
  })
  return name === undefined || type === undefined ? undefined : { name, type, parameters }
}

function readParameter(reader: DescriptorReader, element: XmlElement, into: Map<string, string>): void {
  let name = element.attribute('name')?.trim()
  let value = element.attribute('value')?.trim()
  reader.attributes(element, ['name', 'value'])
  reader.children(element, {
    name: (child) => {
      name = child.text().trim()
    },
    value: (child) => {
      value = child.text().trim()
    },
    description: () => {},
  })
  if (name === undefined || name === '') {
    reader.report('error', 'no-name', 'a parameter has no name', element)
    return
  }
  if (value === undefined) reader.report('warning', 'no-value', `the parameter ${name} has no value`, element)
  if (into.has(name)) reader.report('warning', 'parameter-repeated', `the parameter ${name} stands twice`, element)
  into.set(name, value ?? '')
}
