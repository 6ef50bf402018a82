import type { Gar, Mode } from './archive.ts'
import { moduleOf, modulePaths } from './module-of-class.ts'
import type { Problem } from './problem.ts'
import type { WsddService } from './wsdd.ts'

/** First segments of addresses that are the node's own. */
const reservedSegments = new Set(['admin', 'console', 'metrics', 'healthz', 'readyz', 'wsrf'])

/** Whether each service of each descriptor can be served here: its address, its class, its module. */
export function checkServices(gar: Gar): readonly Problem[] {
  const modules = new Set(gar.modules)
  return (['secure', 'open'] satisfies Mode[]).flatMap((mode) => {
    const descriptor = gar.descriptors[mode]
    if (descriptor === undefined) return []
    return descriptor.wsdd.services
      .flatMap((service) => [...checkName(service.name), ...checkModule(service, modules, gar.java.length > 0)])
      .map((problem) => ({ ...problem, file: descriptor.path }))
  })
}

const error = (code: string, message: string): Problem => ({ level: 'error', code, message })

/** A service is served at `/` and its name, so the name has to be a path that stands for itself. */
function checkName(name: string): Problem[] {
  const segments = name.split('/')
  const refuse = (why: string): Problem[] => [
    error('service-name', `service "${name}" can't be served under its name: ${why}`),
  ]
  if (segments.includes('')) return refuse('it has an empty segment')
  if (segments.includes('.') || segments.includes('..')) return refuse('it has a "." or ".." segment')
  const odd = segments.find((segment) => !/^[A-Za-z0-9._~-]+$/.test(segment))
  if (odd !== undefined) return refuse('it has characters other than letters, digits, ".", "_", "~" and "-"')
  if (reservedSegments.has(segments[0] as string)) return refuse(`/${segments[0]} is an address of the node itself`)
  return []
}

function checkModule({ name, className }: WsddService, modules: ReadonlySet<string>, hasJava: boolean): Problem[] {
  // That there is none has been said by the reader of the WSDD.
  if (className === undefined) return []
  const paths = modulePaths(className)
  if (paths === undefined) return [error('class-name', `service ${name}: "${className}" is no name of a class`)]
  if (moduleOf(className, modules) !== undefined) return []
  const looked = `no ${paths.join(' and no ')}`
  if (hasJava) {
    const message = `service ${name}: ${className} is a Java class, and this node runs JavaScript: there is ${looked}`
    return [error('java-class', message)]
  }
  return [error('module-missing', `service ${name}: the module of ${className} is missing: there is ${looked}`)]
}
