import type { CfgSection } from '../cfg/cfg.ts'
import { getGatewayURLs, getServiceURLs } from '../cfg/look-up.ts'
import { valueAt } from '../cfg/options.ts'
import { type ReturnStructure, S_ERROR, S_OK } from '../service/return-structure.ts'

export interface AddressOptions {
  /** Call services directly though the site has gateways. */
  readonly ignoreGateways?: boolean
}

/**
 * Where a service is to be called, in the order of trying: an address as it is; of a name the `URLs` in any order, then the
 * `FailoverURLs`. At a site with gateways all calls go through one of them.
 */
export function serviceAddresses(
  service: string,
  configuration: CfgSection,
  { ignoreGateways = false }: AddressOptions,
): ReturnStructure<readonly URL[]> {
  const gateway = ignoreGateways ? undefined : gatewayOf(configuration)
  if (/^https?:\/\//.test(service)) {
    if (!URL.canParse(service)) return S_ERROR(`${service} is no address`)
    const address = new URL(service)
    return S_OK([gateway === undefined ? address : new URL(address.pathname, gateway)])
  }
  if (gateway !== undefined) return S_OK([new URL(`/${service}`, gateway)])
  const first = getServiceURLs(configuration, service)
  const all = getServiceURLs(configuration, service, { failover: true })
  const urls = [...shuffled(first), ...shuffled(all.filter((url) => !first.includes(url)))]
  const callable = urls.filter((url) => /^https?:\/\//.test(url) && URL.canParse(url))
  if (callable.length > 0) return S_OK(callable.map((url) => new URL(url)))
  const why = urls.length === 0 ? 'not found' : `not found for HTTPS: ${urls.join(', ')}`
  return S_ERROR(`URL for service ${service} ${why}`)
}

function gatewayOf(configuration: CfgSection): URL | undefined {
  const site = valueAt(configuration, '/LocalSite/Site', '')
  const gateways = site === '' ? [] : getGatewayURLs(configuration, site).filter((url) => URL.canParse(url))
  const gateway = shuffled(gateways)[0]
  return gateway === undefined ? undefined : new URL('/', gateway)
}

/** So that clients spread over the servers. */
function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item)
}
