import type { LostProtection } from '../security/authorization/lost-protection.ts'
import type { Gar } from './archive.ts'
import { lostWhenOpen } from './security-descriptors.ts'
import type { Wsdd, WsddService } from './wsdd.ts'

/** What changes for callers when the open descriptor is live and not the secure one. */
export interface SecureOpenDifference {
  /** Services that only one of the two has. */
  readonly onlySecure: readonly string[]
  readonly onlyOpen: readonly string[]
  /** Parameters of the global configuration that differ. */
  readonly global: readonly ParameterDifference[]
  /** Services that both have and that are not the same in both. */
  readonly services: readonly {
    readonly name: string
    readonly parameters: readonly ParameterDifference[]
    /** It has a security descriptor in the secure one and none in the open one. */
    readonly losesSecurity: boolean
  }[]
  /** Services that anybody may call when the open descriptor is live, though the secure one protects them. */
  readonly unprotected: readonly { readonly service: string; readonly methods: '*' | readonly string[] }[]
  /** What the security descriptors protect less when the open descriptor is live, operation by operation. */
  readonly lost: readonly LostProtection[]
}

interface ParameterDifference {
  readonly name: string
  /** Absent: it isn't there. */
  readonly secure?: string
  readonly open?: string
}

/** Holds a GAR's two descriptors against each other; undefined when it has only one. */
export function secureOpenDifference(gar: Gar): SecureOpenDifference | undefined {
  const { secure, open } = gar.descriptors
  return secure && open && { ...differenceOf(secure.wsdd, open.wsdd), lost: lostWhenOpen(secure, open) }
}

function differenceOf(secure: Wsdd, open: Wsdd): Omit<SecureOpenDifference, 'lost'> {
  const [inSecure, inOpen] = [byName(secure), byName(open)]
  const shared = [...inSecure].flatMap(([name, one]) => {
    const other = inOpen.get(name)
    return other === undefined ? [] : [{ name, one, other }]
  })
  return {
    onlySecure: [...inSecure.keys()].filter((name) => !inOpen.has(name)),
    onlyOpen: [...inOpen.keys()].filter((name) => !inSecure.has(name)),
    global: parameters(secure.globalParameters, open.globalParameters),
    services: shared
      .map(({ name, one, other }) => ({
        name,
        parameters: parameters(properties(one), properties(other)),
        losesSecurity: one.securityDescriptor !== undefined && other.securityDescriptor === undefined,
      }))
      .filter((service) => service.parameters.length > 0 || service.losesSecurity),
    unprotected: shared
      .filter(({ one, other }) => one.securityDescriptor !== undefined && other.securityDescriptor === undefined)
      .map(({ name, other }) => ({ service: name, methods: other.allowedMethods })),
  }
}

const byName = ({ services }: Wsdd): ReadonlyMap<string, WsddService> =>
  new Map(services.map((service) => [service.name, service]))

/** The parameters with the attributes and elements that say as much: one list to compare. */
function properties(service: WsddService): ReadonlyMap<string, string> {
  const { provider, use, style, wsdlFile } = service
  const besides = Object.entries({ provider, use, style, wsdlFile }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return new Map([...besides, ...service.parameters])
}

function parameters(
  secure: ReadonlyMap<string, string>,
  open: ReadonlyMap<string, string>,
): readonly ParameterDifference[] {
  return [...new Set([...secure.keys(), ...open.keys()])].flatMap((name) => {
    const [one, other] = [secure.get(name), open.get(name)]
    if (one?.trim().replace(/\s+/g, ' ') === other?.trim().replace(/\s+/g, ' ')) return []
    return [{ name, ...(one === undefined ? {} : { secure: one }), ...(other === undefined ? {} : { open: other }) }]
  })
}
