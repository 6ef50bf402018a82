import { type HandlerMethod, type HandlerParameter, handlerMethods } from './handler-methods.ts'

/** A service with the source of its handler. */
export interface ServedHandler {
  /** As callers know it: `Samples/Counter`. */
  readonly service: string
  /** Without its package: `CounterService`. */
  readonly className: string
  /** Its class, and behind it those that it inherits from. */
  readonly source: string
}

/** What `Client` has itself, and what it does in its own way: files. */
const ownMembers = new Set(['constructor', 'call', 'receiveFile', 'sendFile', 'service', 'options'])
const ownWays = new Set(['streamToClient', 'streamFromClient'])

/**
 * The module of a stubs package that nobody has written: a client class for each service, made from what its handler
 * exports. `CounterService` and `CounterHandler` get a `CounterClient`.
 */
export function clientSource(handlers: readonly ServedHandler[]): string {
  const classes = handlers.map(classOf)
  const values = ['Float', 'PlainDate'].filter((name) => classes.some((text) => new RegExp(`\\b${name}\\b`).test(text)))
  const imported = ['type CallAnswer', 'Client', 'type ClientOptions', ...values.map((name) => `type ${name}`)]
  return `// Made by dhn pack from what the handlers export.
import { ${imported.join(', ')} } from 'dhn/client'
import { NAL } from 'dhn/service'

${classes.join('\n')}`
}

function classOf({ service, className, source }: ServedHandler): string {
  const name = `${className.replace(/(?:Service|Handler)$/, '')}Client`
  const methods = handlerMethods(source).filter((method) => !ownWays.has(method.name))
  return `/** ${service} as its callers see it. */
export class ${name} extends Client {
  /** @param service its name, looked up in the configuration, or its address */
  constructor(service = '${service}', options: ClientOptions = {}) {
    super(service, options)
  }

  /** The one of the node that the calling service runs on. */
  static async ofThisNode(options: ClientOptions = {}): Promise<${name}> {
    return new ${name}(await NAL.getAddress('${service}'), options)
  }
${methods.map(methodOf).join('')}}
`
}

function methodOf({ name, comment, parameters, value }: HandlerMethod): string {
  const own = ownMembers.has(name) ? `${name}_` : name
  const declared = parameters.map((parameter, place) => declaration(parameter, parameters.slice(place + 1)))
  const passed = parameters.map(({ name: word, rest }) => (rest ? `...${word}` : word))
  return `
${comment === '' ? '' : `  ${comment}\n`}  ${own}(${declared.join(', ')}): Promise<CallAnswer<${value}>> {
    return this.call('${name}', [${passed.join(', ')}])
  }
`
}

/** A parameter may be left out when all that follow may be. */
function declaration({ name, type, optional, rest }: HandlerParameter, following: readonly HandlerParameter[]): string {
  if (rest) return `...${name}: ${type}`
  if (!optional) return `${name}: ${type}`
  return following.every((other) => other.optional || other.rest) ? `${name}?: ${type}` : `${name}: ${type} | undefined`
}
