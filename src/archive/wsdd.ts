import type { Problem } from './problem.ts'

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
  /** `typeMapping` and `beanMapping` elements, attributes as written. */
  readonly typeMappings: readonly {
    readonly element: 'typeMapping' | 'beanMapping'
    readonly attributes: Readonly<Record<string, string>>
  }[]
  readonly requestFlow: readonly WsddHandler[]
  readonly responseFlow: readonly WsddHandler[]
}
