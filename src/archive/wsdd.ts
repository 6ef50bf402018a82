import type { XmlElement } from '../xml/element.ts'
import { type DescriptorOptions, DescriptorReader } from './descriptor-reader.ts'
import type { Problem } from './problem.ts'
import {
  readWsddFlow,
  readWsddHandler,
  readWsddParameter,
  readWsddService,
  typeMappingReaders,
} from './wsdd-service.ts'

/**
 * A web service deployment descriptor, as Axis and Java WS Core write it.
 *
 * @see docs/archive.md, and gcube.md 2.1 for the source of each field
 */
export interface Wsdd {
  readonly name: string | undefined
  /** Parameters of `globalConfiguration`, in order of appearance; a repeated name keeps its last value. */
  readonly globalParameters: ReadonlyMap<string, string>
  readonly requestFlow: readonly WsddHandler[]
  readonly responseFlow: readonly WsddHandler[]
  readonly handlers: readonly WsddHandler[]
  readonly transports: readonly WsddTransport[]
  readonly services: readonly WsddService[]
  /** Those of the whole deployment, outside its services. */
  readonly typeMappings: readonly WsddTypeMapping[]
  readonly problems: readonly Problem[]
}

export interface WsddHandler {
  readonly name: string | undefined
  /** The type as written, such as `java:org.globus.wsrf.handlers.JAXRPCHandler`. */
  readonly type: string | undefined
  readonly parameters: ReadonlyMap<string, string>
}

export interface WsddTransport {
  readonly name: string
  /** Of a client's transport: its sender. */
  readonly pivot: string | undefined
  readonly requestFlow: readonly WsddHandler[]
  readonly responseFlow: readonly WsddHandler[]
  readonly parameters: ReadonlyMap<string, string>
}

export interface WsddService {
  /** The name as written; it may hold slashes. Never use it as a file path. */
  readonly name: string
  readonly provider: string | undefined
  readonly use: string | undefined
  readonly style: string | undefined
  /** Every parameter as written; the fields below are read from it. */
  readonly parameters: ReadonlyMap<string, string>
  readonly className: string | undefined
  readonly handlerClass: string | undefined
  /** Axis' default is Request; Session is kept as written and reported. */
  readonly scope: 'Request' | 'Application' | 'Session'
  readonly loadOnStartup: boolean
  /** `'*'` when absent or `*`. */
  readonly allowedMethods: '*' | readonly string[]
  readonly allowedMethodsClass: string | undefined
  readonly providers: readonly string[]
  readonly securityDescriptor: string | undefined
  readonly wsdlFile: string | undefined
  readonly namespaces: readonly string[]
  readonly typeMappings: readonly WsddTypeMapping[]
  readonly operations: readonly WsddOperation[]
  readonly documentation: string | undefined
  readonly requestFlow: readonly WsddHandler[]
  readonly responseFlow: readonly WsddHandler[]
}

/** A `typeMapping`, `beanMapping` or `arrayMapping`. */
export interface WsddTypeMapping {
  readonly element: 'typeMapping' | 'beanMapping' | 'arrayMapping'
  /** As written, without namespace declarations. */
  readonly attributes: Readonly<Record<string, string>>
  /** The attribute `qname` with its prefix resolved; absent: there is none, or its prefix is unbound. */
  readonly qname: { readonly namespace: string; readonly local: string } | undefined
}

/** An `operation` of a service; attributes as written. */
export interface WsddOperation {
  readonly name: string | undefined
  readonly attributes: Readonly<Record<string, string>>
  readonly parameters: readonly Readonly<Record<string, string>>[]
}

const kind = { words: 'WSDD', code: 'wsdd', root: 'deployment', namespace: 'http://xml.apache.org/axis/wsdd/' }

/**
 * Reads a WSDD. Everything odd in it is among its problems; names and order are those of the file.
 *
 * @throws {XmlRefused} it is not well-formed
 * @throws {DescriptorRootWrong} its root is not Axis' `deployment`: an `undeployment` isn't one either
 */
export function parseWsdd(input: string | Uint8Array, options: DescriptorOptions = {}): Wsdd {
  const reader = new DescriptorReader(input, kind, options)
  const globalParameters = new Map<string, string>()
  const requestFlow: WsddHandler[] = []
  const responseFlow: WsddHandler[] = []
  const handlers: WsddHandler[] = []
  const transports: WsddTransport[] = []
  const services: WsddService[] = []
  const typeMappings: WsddTypeMapping[] = []
  reader.attributes(reader.root, ['name'])
  reader.children(reader.root, {
    globalConfiguration: (configuration) =>
      reader.children(configuration, {
        parameter: (child) => readWsddParameter(reader, child, globalParameters),
        requestFlow: (child) => readWsddFlow(reader, child, requestFlow),
        responseFlow: (child) => readWsddFlow(reader, child, responseFlow),
      }),
    handler: (child) => handlers.push(readWsddHandler(reader, child)),
    transport: (child) => transports.push(readTransport(reader, child)),
    service: (child) => {
      const service = readWsddService(reader, child)
      if (service === undefined) return
      if (services.some(({ name }) => name === service.name)) {
        reader.report('error', 'service-repeated', `the service ${service.name} stands twice`, child)
      }
      services.push(service)
    },
    ...typeMappingReaders(typeMappings),
  })
  if (services.length === 0) reader.report('warning', 'no-service', 'the WSDD has no service', reader.root)
  const name = reader.root.attribute('name')?.trim()
  const { problems } = reader
  return {
    name,
    globalParameters,
    requestFlow,
    responseFlow,
    handlers,
    transports,
    services,
    typeMappings,
    problems,
  }
}

function readTransport(reader: DescriptorReader, element: XmlElement): WsddTransport {
  reader.attributes(element, ['name', 'pivot'])
  const parameters = new Map<string, string>()
  const requestFlow: WsddHandler[] = []
  const responseFlow: WsddHandler[] = []
  reader.children(element, {
    parameter: (child) => readWsddParameter(reader, child, parameters),
    requestFlow: (child) => readWsddFlow(reader, child, requestFlow),
    responseFlow: (child) => readWsddFlow(reader, child, responseFlow),
  })
  const name = reader.required(element, 'name') ?? ''
  return { name, pivot: element.attribute('pivot')?.trim(), requestFlow, responseFlow, parameters }
}
