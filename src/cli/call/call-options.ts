import type { ClientOptions } from '../../client/client-options.ts'
import type { ServerTrust } from '../../client/server-trust.ts'
import type { Surroundings } from '../../client/surroundings.ts'
import type { Context } from '../command.ts'

export type CallOptions = ClientOptions & { readonly surroundings: Surroundings; readonly trust: ServerTrust }

/** Options of the commands that call services. */
export const callingOptions = {
  '--group <name>': 'the DIRAC group to act in, for a certificate that names none',
  '--for <dn>': 'the user to speak for, as a host that is trusted; with --group in that group',
} as const

/** What a client is made with: what the command line says, and where grid tools have the rest. */
export async function callOptions(
  { trust, credential, environment }: Context,
  { group, for: dn }: { readonly group: string | undefined; readonly for: string | undefined },
): Promise<CallOptions> {
  const { ofThisProcess } = await import('../../client/surroundings.ts')
  const { cert, key } = credential
  return {
    surroundings: { ...ofThisProcess(), environment },
    trust: { directory: trust, webCAs: true },
    ...(cert === undefined ? {} : { certificate: { cert, ...(key === undefined ? {} : { key }) } }),
    ...(dn === undefined ? {} : { delegatedDN: dn }),
    ...(group === undefined ? {} : dn === undefined ? { extraCredentials: group } : { delegatedGroup: group }),
  }
}
