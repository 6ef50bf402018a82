import type { XmlElement } from '../xml/element.ts'
import { type DescriptorReader, wordsOf } from './descriptor-reader.ts'
import type { WsddHandler, WsddOperation, WsddService, WsddTypeMapping } from './wsdd.ts'

const scopes = ['Request', 'Application', 'Session'] as const

/** Reads one `service` of a WSDD; undefined, and reported, when it has no name. */
export function readWsddService(reader: DescriptorReader, element: XmlElement): WsddService | undefined {
  reader.attributes(element, ['name', 'provider', 'use', 'style'])
  const name = reader.required(element, 'name')
  const parameters = new Map<string, string>()
  const typeMappings: WsddTypeMapping[] = []
  const operations: WsddOperation[] = []
  const namespaces: string[] = []
  const requestFlow: WsddHandler[] = []
  const responseFlow: WsddHandler[] = []
  let wsdlFile: string | undefined
  let documentation: string | undefined
  reader.children(element, {
    parameter: (child) => readWsddParameter(reader, child, parameters),
    wsdlFile: (child) => {
      if (wsdlFile !== undefined) reader.report('warning', 'wsdl-repeated', `${name} has a second wsdlFile`, child)
      wsdlFile ??= child.text().trim() || undefined
    },
    namespace: (child) => namespaces.push(child.text().trim()),
    documentation: (child) => {
      documentation ??= child.text().trim()
    },
    operation: (child) => operations.push(readOperation(reader, child)),
    requestFlow: (child) => readWsddFlow(reader, child, requestFlow),
    responseFlow: (child) => readWsddFlow(reader, child, responseFlow),
    ...typeMappingReaders(typeMappings),
  })
  if (name === undefined) return undefined
  const written = (parameter: string) => parameters.get(parameter)?.trim() || undefined
  const service: WsddService = {
    name,
    provider: element.attribute('provider')?.trim(),
    use: element.attribute('use')?.trim(),
    style: element.attribute('style')?.trim(),
    parameters,
    className: written('className'),
    handlerClass: written('handlerClass'),
    scope: readScope(reader, element, name, parameters.get('scope')),
    loadOnStartup: reader.truth(parameters.get('loadOnStartup') ?? 'false', false, `loadOnStartup of ${name}`, element),
    allowedMethods: readAllowedMethods(reader, element, name, parameters.get('allowedMethods')),
    allowedMethodsClass: written('allowedMethodsClass'),
    providers: wordsOf(parameters.get('providers') ?? ''),
    securityDescriptor: written('securityDescriptor'),
    wsdlFile,
    namespaces,
    typeMappings,
    operations,
    documentation,
    requestFlow,
    responseFlow,
  }
  reportOddProvider(reader, element, service)
  return service
}

/** Adds a `parameter`; a repeated name keeps its last value, as in Axis, and is reported. */
export function readWsddParameter(reader: DescriptorReader, element: XmlElement, into: Map<string, string>): void {
  reader.attributes(element, ['name', 'value', 'locked'])
  const name = reader.required(element, 'name')
  if (name === undefined) return
  const value = element.attribute('value')
  if (value === undefined) reader.report('warning', 'no-value', `the parameter ${name} has no value`, element)
  if (into.has(name)) reader.report('warning', 'parameter-repeated', `the parameter ${name} stands twice`, element)
  into.set(name, value ?? element.text().trim())
}

/** Adds the handlers of a flow, those inside its chains too, in the order of calling. */
export function readWsddFlow(reader: DescriptorReader, element: XmlElement, into: WsddHandler[]): void {
  reader.children(element, {
    handler: (child) => into.push(readWsddHandler(reader, child)),
    chain: (child) => readWsddFlow(reader, child, into),
  })
}

export function readWsddHandler(reader: DescriptorReader, element: XmlElement): WsddHandler {
  reader.attributes(element, ['name', 'type'])
  const parameters = new Map<string, string>()
  reader.children(element, { parameter: (child) => readWsddParameter(reader, child, parameters) })
  return { name: element.attribute('name')?.trim(), type: element.attribute('type')?.trim(), parameters }
}

/** The readers of the three kinds of type mapping, for `DescriptorReader.children`. */
export function typeMappingReaders(into: WsddTypeMapping[]) {
  const reads = (element: WsddTypeMapping['element']) => (child: XmlElement) => {
    const qname = child.qname(child.attribute('qname') ?? '')
    into.push({
      element,
      attributes: attributesOf(child),
      qname: qname && { namespace: qname.namespace, local: qname.local },
    })
  }
  return { typeMapping: reads('typeMapping'), beanMapping: reads('beanMapping'), arrayMapping: reads('arrayMapping') }
}

function readOperation(reader: DescriptorReader, element: XmlElement): WsddOperation {
  const parameters: Record<string, string>[] = []
  reader.children(element, { parameter: (child) => parameters.push(attributesOf(child)), documentation: () => {} })
  return { name: element.attribute('name')?.trim(), attributes: attributesOf(element), parameters }
}

function attributesOf(element: XmlElement): Record<string, string> {
  return Object.fromEntries(
    element.attributes.map(({ prefix, local, value }) => [prefix === '' ? local : `${prefix}:${local}`, value]),
  )
}

function readScope(reader: DescriptorReader, at: XmlElement, name: string, text = 'Request'): WsddService['scope'] {
  const scope = scopes.find((one) => one.toLowerCase() === text.trim().toLowerCase())
  if (scope === undefined) {
    reader.report('error', 'scope', `the scope of ${name} is “${text.trim()}”, and not ${scopes.join(', ')}`, at)
    return 'Request'
  }
  if (scope !== text.trim()) reader.report('warning', 'scope', `the scope of ${name} is spelt “${text}”`, at)
  if (scope === 'Session') reader.report('warning', 'session', `${name} has the scope Session, which is Axis' own`, at)
  return scope
}

function readAllowedMethods(reader: DescriptorReader, at: XmlElement, name: string, text = '*'): '*' | string[] {
  const methods = wordsOf(text)
  if (methods.includes('*')) return '*'
  if (methods.length === 0) reader.report('warning', 'no-methods', `allowedMethods of ${name} allows no method`, at)
  return methods
}

function reportOddProvider(reader: DescriptorReader, at: XmlElement, service: WsddService): void {
  const { name, provider, className, handlerClass } = service
  if (className === undefined) reader.report('error', 'no-class', `the service ${name} has no className`, at)
  if (provider === undefined) reader.report('warning', 'no-provider', `the service ${name} has no provider`, at)
  if (provider === 'Handler' && handlerClass === undefined) {
    reader.report('warning', 'no-handler-class', `the service ${name} has the provider Handler and no handlerClass`, at)
  }
}
