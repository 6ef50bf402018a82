import type {
  AuthMethod,
  DescriptorCredential,
  MethodSecurity,
  SecurityDescriptor,
} from '../security/authorization/security-descriptor.ts'
import type { XmlElement } from '../xml/element.ts'
import { type DescriptorOptions, DescriptorReader } from './descriptor-reader.ts'
import type { Problem } from './problem.ts'
import { readAuthz } from './security-authz.ts'
import { readAuthMethods, readMethod, readRunAs } from './security-method.ts'
import { readNumber, readTruth, readValue } from './security-value.ts'

/** A security descriptor as it was read, with everything odd in it. */
export interface ReadSecurityDescriptor {
  readonly descriptor: SecurityDescriptor
  readonly problems: readonly Problem[]
}

const kind = {
  words: 'security descriptor',
  code: 'security',
  root: 'securityConfig',
  namespace: 'http://www.globus.org',
}

/** What elsewhere is worth a warning is an error here: a word that isn't read might have protected something. */
const refusing = new Set(['unknown-element', 'unknown-attribute', 'repeated', 'text'].map((word) => `security-${word}`))

/**
 * Reads a GT4 security descriptor, of a service or of the container. The order of its elements doesn't matter.
 *
 * Whatever isn't known is a problem of level error, so that the deployment is refused and nothing stays open that was
 * meant to be protected.
 *
 * @throws {XmlRefused} it is not well-formed
 * @throws {DescriptorRootWrong} its root is not Globus' `securityConfig`
 * @see gcube.md 2.3, and the schema of GT 4.0 (`service_security_descriptor.xsd`)
 */
export function parseSecurityDescriptor(
  input: string | Uint8Array,
  of: 'service' | 'container',
  options: DescriptorOptions = {},
): ReadSecurityDescriptor {
  const reader = new DescriptorReader(input, kind, options)
  const { root } = reader
  const found: { -readonly [Field in keyof SecurityDescriptor]?: SecurityDescriptor[Field] } = {}
  const methods: MethodSecurity[] = []
  const credential: { -readonly [Field in keyof DescriptorCredential]: DescriptorCredential[Field] } = {}
  const put = <Field extends keyof SecurityDescriptor>(
    field: Field,
    value: SecurityDescriptor[Field] | undefined,
  ): void => {
    if (value !== undefined) found[field] = value
  }
  const readMethods = (parent: XmlElement) => {
    reader.attributes(parent, [])
    reader.children(parent, { method: (child) => readMethod(reader, child, methods) })
  }

  reader.attributes(root, [])
  reader.once(root, onlyOnce)
  reader.children(root, {
    ...(of === 'container'
      ? {}
      : {
          method: (child: XmlElement) => readMethod(reader, child, methods),
          methods: readMethods,
          'auth-method': (child: XmlElement) => put('authMethods', readAuthMethods(reader, child)),
          'run-as': (child: XmlElement) => put('runAs', readRunAs(reader, child)),
        }),
    ...(of === 'container'
      ? {
          'context-timer-interval': (child: XmlElement) => put('contextTimerInterval', readNumber(reader, child)),
          'replay-timer-interval': (child: XmlElement) => put('replayTimerInterval', readNumber(reader, child)),
        }
      : {}),
    credential: (child) => readCredential(reader, child, credential),
    'proxy-file': (child) => Object.assign(credential, fileOf(reader, child, 'proxyFile')),
    authz: (child) => put('authz', readAuthz(reader, child)),
    'reject-limited-proxy': (child) => put('rejectLimitedProxy', readTruth(reader, child)),
    gridmap: (child) => put('gridMap', readValue(reader, child)),
    'context-lifetime': (child) => put('contextLifetime', readNumber(reader, child)),
    'replay-attack-window': (child) => put('replayAttackWindow', readNumber(reader, child)),
    'replay-attack-filter': (child) => put('replayAttackFilter', readTruth(reader, child)),
  })
  if (Object.keys(credential).length > 0) put('credential', credential)
  const descriptor: SecurityDescriptor = { ...found, file: options.file ?? kind.words, methods }
  reportUnmeetable(reader, descriptor)
  return {
    descriptor,
    problems: reader.problems.map((problem) => (refusing.has(problem.code) ? { ...problem, level: 'error' } : problem)),
  }
}

/** All but `method`. */
const onlyOnce = [
  'methods',
  'auth-method',
  'run-as',
  'credential',
  'proxy-file',
  'authz',
  'reject-limited-proxy',
  'gridmap',
  'context-lifetime',
  'replay-attack-window',
  'replay-attack-filter',
  'context-timer-interval',
  'replay-timer-interval',
]

function readCredential(
  reader: DescriptorReader,
  element: XmlElement,
  into: { -readonly [Field in keyof DescriptorCredential]: DescriptorCredential[Field] },
): void {
  reader.attributes(element, [])
  reader.once(element, ['key-file', 'cert-file', 'proxy-file'])
  reader.children(element, {
    'key-file': (child) => Object.assign(into, fileOf(reader, child, 'keyFile')),
    'cert-file': (child) => Object.assign(into, fileOf(reader, child, 'certFile')),
    'proxy-file': (child) => Object.assign(into, fileOf(reader, child, 'proxyFile')),
  })
  if ((into.keyFile === undefined) !== (into.certFile === undefined)) {
    reader.report('error', 'credential', 'a <credential> has a key without a certificate, or the other way', element)
  }
}

function fileOf(
  reader: DescriptorReader,
  element: XmlElement,
  field: keyof DescriptorCredential,
): DescriptorCredential {
  const value = readValue(reader, element)
  return value === undefined ? {} : { [field]: value }
}

/** Says of operations that nobody can call here why: message security comes later. */
function reportUnmeetable(reader: DescriptorReader, { methods, authMethods, runAs }: SecurityDescriptor): void {
  const report = (what: string, ways: readonly AuthMethod[] | undefined): void => {
    if (ways === undefined || ways.some(({ method }) => method === 'none' || method === 'GSITransport')) return
    if (ways.length === 0) return
    const names = ways.map(({ method }) => method).join(' or ')
    reader.report(
      'warning',
      'unmeetable',
      `${what} asks for ${names}, which this node can't do: it lets nobody in`,
      reader.root,
    )
  }
  report('the <auth-method> of the service', authMethods)
  for (const { name, authMethods: ways } of methods) report(`the method ${name}`, ways)
  if (runAs === 'caller-identity' || methods.some((method) => method.runAs === 'caller-identity')) {
    const message = 'run-as caller-identity needs a delegated credential, and services here run as themselves'
    reader.report('warning', 'run-as-caller', message, reader.root)
  }
}
