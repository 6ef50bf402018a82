import { type DescriptorLevels, type OperationSecurity, operationSecurity } from './security-descriptor.ts'

/** A service in both descriptors of its GAR, with what its security descriptors say in each. */
export interface ComparedService {
  readonly service: string
  /** The operations that may be called; `'*'`: not known before it runs. */
  readonly operations: '*' | readonly string[]
  readonly secure: DescriptorLevels
  readonly open: DescriptorLevels
}

/** What an operation has in the secure descriptor and not in the open one. */
export interface LostProtection {
  readonly service: string
  /** `'*'`: every operation that isn't named itself and not among `except`. */
  readonly operation: string
  /** With `'*'`: operations that lose nothing. */
  readonly except: readonly string[]
  /** `authentication`: anybody may call; `level`: less is protected on the way; `authorization`: others may call. */
  readonly lost: readonly ('authentication' | 'level' | 'authorization' | 'limited-proxies')[]
}

/** Which operations are less protected when the open descriptor is live, in the order of the services. */
export function lostProtection(services: readonly ComparedService[]): readonly LostProtection[] {
  return services.flatMap(({ service, operations, secure, open }) => {
    const lostBy = (operation: string) => lost(operationSecurity(secure, operation), operationSecurity(open, operation))
    if (operations !== '*') {
      return operations.flatMap((operation) => {
        const what = lostBy(operation)
        return what.length === 0 ? [] : [{ service, operation, except: [], lost: what }]
      })
    }
    // A blank is in no operation's name, so this one is none that is named.
    const rest = lostBy(' ')
    const named = [...new Set([secure, open].flatMap(methodsOf))].map((operation) => ({
      operation,
      lost: lostBy(operation),
    }))
    const differing = named.filter((one) => one.lost.join() !== rest.join())
    const except = differing.filter((one) => one.lost.length === 0).map(({ operation }) => operation)
    return [
      ...(rest.length === 0 ? [] : [{ service, operation: '*', except, lost: rest }]),
      ...differing
        .filter((one) => one.lost.length > 0)
        .map(({ operation, lost: what }) => ({ service, operation, except: [], lost: what })),
    ]
  })
}

/** For people and plans: `Samples/Echo/echo`, `Samples/Echo/*`, `Samples/Echo/* except ping`. */
export const lostProtectionText = ({ service, operation, except }: LostProtection): string =>
  `${service}/${operation}${except.length === 0 ? '' : ` except ${except.join(', ')}`}`

const methodsOf = ({ resource, service }: DescriptorLevels): string[] =>
  [resource, service].flatMap((descriptor) => descriptor?.methods.map(({ name }) => name) ?? [])

function lost(secure: OperationSecurity, open: OperationSecurity): LostProtection['lost'] {
  const [was, is] = [demands(secure), demands(open)]
  return [
    ...(was.authentication && !is.authentication ? (['authentication'] as const) : []),
    ...(was.level > is.level ? (['level'] as const) : []),
    ...(was.authz.some((step) => !is.authz.includes(step)) ? (['authorization'] as const) : []),
    ...(was.rejectLimited && !is.rejectLimited ? (['limited-proxies'] as const) : []),
  ]
}

function demands({ authMethods, authz, rejectLimitedProxy }: OperationSecurity) {
  const asked = authMethods.filter(({ what }) => what.every(({ method }) => method !== 'none'))
  const opened = authMethods.length > 0 && asked.length === 0
  const chain = opened ? [] : (authz?.what.map(({ text }) => text) ?? [])
  const steps = chain.filter((text) => text !== 'none')
  return {
    authentication: asked.length > 0 || steps.length > 0,
    level: Math.max(0, ...asked.map(({ what }) => Math.min(...what.map(({ protection }) => levelOf(protection))))),
    authz: steps,
    rejectLimited: rejectLimitedProxy?.what === true,
  }
}

const levelOf = (protection: readonly string[] | undefined): number =>
  protection === undefined || protection.includes('integrity') ? 1 : 2
