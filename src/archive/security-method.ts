import type { AuthMethod, MethodSecurity, RunAs } from '../security/authorization/security-descriptor.ts'
import type { XmlElement } from '../xml/element.ts'
import type { DescriptorReader } from './descriptor-reader.ts'
import { readEmpty } from './security-value.ts'

/** Reads one `method` of a security descriptor; it isn't added when its name is none. */
export function readMethod(reader: DescriptorReader, element: XmlElement, into: MethodSecurity[]): void {
  reader.attributes(element, ['name'])
  reader.once(element, ['auth-method', 'run-as'])
  const text = reader.required(element, 'name')
  const name = text === undefined ? undefined : operationName(element, text)
  if (text !== undefined && name === undefined) {
    reader.report('error', 'method-name', `“${text.slice(0, 100)}” is no name of an operation`, element)
  }
  let authMethods: readonly AuthMethod[] | undefined
  let runAs: RunAs | undefined
  reader.children(element, {
    'auth-method': (child) => {
      authMethods ??= readAuthMethods(reader, child)
    },
    'run-as': (child) => {
      runAs ??= readRunAs(reader, child)
    },
  })
  if (name === undefined) return
  if (into.some((other) => other.name === name.name && other.namespace === name.namespace)) {
    reader.report('error', 'method-repeated', `the method ${text} stands twice`, element)
  }
  into.push({
    ...name,
    line: element.line,
    ...(authMethods === undefined ? {} : { authMethods }),
    ...(runAs === undefined ? {} : { runAs }),
  })
}

/** A name alone, a qualified name with a prefix that is bound here, or `{namespace}name`. */
function operationName(element: XmlElement, text: string): Pick<MethodSecurity, 'name' | 'namespace'> | undefined {
  if (/^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(text)) return { name: text }
  const braced = /^\{([^{}]*)\}([\p{L}_][\p{L}\p{N}_.-]*)$/u.exec(text)
  if (braced !== null) return { namespace: braced[1] as string, name: braced[2] as string }
  const qualified = element.qname(text)
  return qualified === undefined ? undefined : { namespace: qualified.namespace, name: qualified.local }
}

/** GT4's names, and the one that other texts give its transport security. */
const methodNames: Readonly<Record<string, Exclude<AuthMethod['method'], 'none'>>> = {
  GSITransport: 'GSITransport',
  GSISecureTransport: 'GSITransport',
  GSISecureMessage: 'GSISecureMessage',
  GSISecureConversation: 'GSISecureConversation',
}

/** Reads an `auth-method`. Without a method that counts the list is empty, and nobody meets it. */
export function readAuthMethods(reader: DescriptorReader, element: XmlElement): readonly AuthMethod[] {
  const methods: AuthMethod[] = []
  reader.attributes(element, [])
  reader.once(element, ['none', ...Object.keys(methodNames)])
  const gsi = Object.entries(methodNames).map(([name, method]) => {
    const read = (child: XmlElement) => {
      const protection = readProtection(reader, child)
      methods.push({ method, ...(protection === undefined ? {} : { protection }) })
    }
    return [name, read] as const
  })
  reader.children(element, {
    none: (child) => {
      readEmpty(reader, child)
      methods.push({ method: 'none' })
    },
    ...Object.fromEntries(gsi),
  })
  if (methods.length === 0) reader.report('error', 'no-auth-method', 'an <auth-method> names no method', element)
  if (methods.length > 1 && methods.some(({ method }) => method === 'none')) {
    reader.report('error', 'none-among-others', '<none> stands beside other methods', element)
    return methods.filter(({ method }) => method !== 'none')
  }
  return methods
}

function readProtection(reader: DescriptorReader, element: XmlElement): AuthMethod['protection'] {
  let protection: ('integrity' | 'privacy')[] | undefined
  reader.attributes(element, [])
  reader.once(element, ['protection-level'])
  reader.children(element, {
    'protection-level': (child) => {
      const levels: ('integrity' | 'privacy')[] = []
      const add = (level: 'integrity' | 'privacy') => (one: XmlElement) => {
        readEmpty(reader, one)
        levels.push(level)
      }
      reader.attributes(child, [])
      reader.once(child, ['integrity', 'privacy'])
      reader.children(child, { integrity: add('integrity'), privacy: add('privacy') })
      if (levels.length === 0) reader.report('error', 'no-level', 'a <protection-level> names no level', child)
      protection ??= levels
    },
  })
  return protection
}

const identities: readonly RunAs[] = ['caller-identity', 'system-identity', 'service-identity', 'resource-identity']

export function readRunAs(reader: DescriptorReader, element: XmlElement): RunAs | undefined {
  const found: RunAs[] = []
  reader.attributes(element, [])
  const readers = identities.map((identity) => {
    const read = (child: XmlElement) => {
      readEmpty(reader, child)
      found.push(identity)
    }
    return [identity, read] as const
  })
  reader.children(element, Object.fromEntries(readers))
  if (found.length !== 1) reader.report('error', 'run-as', `a <run-as> names ${found.length} identities`, element)
  return found[0]
}
