import { type LostProtection, lostProtection } from '../security/authorization/lost-protection.ts'
import { type SecurityDescriptor, unknownMethods } from '../security/authorization/security-descriptor.ts'
import { XmlRefused } from '../xml/errors.ts'
import type { SecuredWsdd } from './archive.ts'
import { SecurityMethodUnknown } from './archive-errors.ts'
import { DescriptorRootWrong } from './descriptor-reader.ts'
import type { Problem } from './problem.ts'
import { providerOperations } from './provider-operations.ts'
import { parseSecurityDescriptor } from './security-descriptor.ts'
import { securityDescriptorPath } from './security-descriptor-path.ts'
import type { Wsdd, WsddService } from './wsdd.ts'

/** The files of a GAR, as its reader has them. */
export interface GarFiles {
  readonly garId: string
  readonly files: ReadonlySet<string>
  /** The bytes of one of `files`. */
  read(path: string): Uint8Array
}

export interface WsddSecurity {
  /** By service name; a service that names none isn't in it. Their `file` is the path inside the deployment. */
  readonly descriptors: ReadonlyMap<string, SecurityDescriptor>
  readonly problems: readonly Problem[]
}

/**
 * Reads the security descriptors that the services of a WSDD name. One that is missing, lies elsewhere, can't be read
 * whole or names an operation that its service can't have is a problem of level error: the deployment is refused.
 *
 * @param wsdd with its tokens filled
 * @param file the WSDD's path inside the GAR, for problems
 */
export function readSecurityDescriptors(
  wsdd: Wsdd,
  file: string,
  gar: GarFiles,
  options: { readonly lenient?: boolean } = {},
): WsddSecurity {
  const descriptors = new Map<string, SecurityDescriptor>()
  const problems: Problem[] = []
  if (wsdd.globalParameters.has('containerSecDesc')) {
    const message = 'containerSecDesc is the node’s own to set: the one of this WSDD is passed over'
    problems.push({ level: 'warning', code: 'security-container', message, file })
  }
  // Services often share a descriptor: what is odd in it is said once.
  const read = new Map<string, SecurityDescriptor | undefined>()
  for (const service of wsdd.services) {
    if (service.securityDescriptor === undefined) continue
    const found = securityDescriptorPath(service.securityDescriptor, gar.garId, gar.files)
    if (typeof found === 'string') {
      const message = `the security descriptor ${service.securityDescriptor} of ${service.name} can't be used: ${found}`
      problems.push({ level: 'error', code: 'security-descriptor-missing', message, file })
      continue
    }
    if (!read.has(found.inArchive)) {
      const { descriptor, problems: odd } = readOne(gar.read(found.inArchive), found.inArchive, options)
      read.set(found.inArchive, descriptor && { ...descriptor, file: found.inDeployment })
      problems.push(...odd)
    }
    const descriptor = read.get(found.inArchive)
    if (descriptor === undefined) continue
    descriptors.set(service.name, descriptor)
    for (const { name, line } of methodsOutside(descriptor, service)) {
      const message = `the service ${service.name} has no method ${name} that could be protected`
      problems.push({ level: 'error', code: 'security-method-unknown', message, file: found.inArchive, line })
    }
  }
  return { descriptors, problems }
}

function readOne(
  bytes: Uint8Array,
  file: string,
  options: { readonly lenient?: boolean },
): { readonly descriptor: SecurityDescriptor | undefined; readonly problems: readonly Problem[] } {
  try {
    return parseSecurityDescriptor(bytes, 'service', { file, ...options })
  } catch (error) {
    if (!(error instanceof XmlRefused || error instanceof DescriptorRootWrong)) throw error
    const { message, line } = error
    return { descriptor: undefined, problems: [{ level: 'error', code: 'security-unreadable', message, file, line }] }
  }
}

/** The methods that a service can't have whatever its code offers: `allowedMethods` leaves them out. */
function methodsOutside(descriptor: SecurityDescriptor, service: WsddService) {
  const { allowedMethods, providers, operations } = service
  if (allowedMethods === '*') return []
  const named = operations.flatMap(({ name }) => name ?? [])
  return unknownMethods(descriptor, new Set([...allowedMethods, ...named, ...providerOperations(providers)]))
}

/**
 * Holds a descriptor against the methods that its service registered.
 *
 * @throws {SecurityMethodUnknown} it names one that is neither among them nor of one of its providers
 */
export function checkDescribedMethods(
  descriptor: SecurityDescriptor,
  service: { readonly name: string; readonly providers: readonly string[] },
  registered: readonly string[],
): void {
  const unknown = unknownMethods(descriptor, new Set([...registered, ...providerOperations(service.providers)]))
  if (unknown.length === 0) return
  throw new SecurityMethodUnknown(
    service.name,
    unknown.map(({ name }) => name),
    descriptor.file,
  )
}

/** What is less protected when the open WSDD is live, of the services that both have. */
export function lostWhenOpen(
  secure: SecuredWsdd,
  open: SecuredWsdd,
  container?: SecurityDescriptor,
): readonly LostProtection[] {
  const shared = open.wsdd.services.filter(({ name }) => secure.wsdd.services.some((other) => other.name === name))
  const levels = (descriptor: SecurityDescriptor | undefined) => ({
    ...(descriptor === undefined ? {} : { service: descriptor }),
    ...(container === undefined ? {} : { container }),
  })
  return lostProtection(
    shared.map(({ name, allowedMethods }) => ({
      service: name,
      operations: allowedMethods,
      secure: levels(secure.security.get(name)),
      open: levels(open.security.get(name)),
    })),
  )
}
