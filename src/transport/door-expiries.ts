import { type Expiry, expiriesOf } from '../security/expiries.ts'
import type { Callers } from './callers.ts'
import type { HostTls } from './host-tls.ts'

/** When the host certificate, the CAs and their revocation lists end, the earliest first; `name` is the host's. */
export function doorExpiries(
  name: string,
  { current }: Pick<HostTls, 'current'>,
  { trust }: Pick<Callers, 'trust'>,
): readonly Expiry[] {
  const own: Expiry[] =
    current === undefined ? [] : [{ what: 'host certificate', name, at: current.notAfter.getTime() }]
  const others = trust === undefined ? [] : expiriesOf(trust)
  return [...own, ...others].sort((one, other) => one.at - other.at)
}
