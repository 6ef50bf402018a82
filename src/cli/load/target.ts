import type { TlsOptions } from '../../client/open-connection.ts'
import type { CallOptions } from '../call/call-options.ts'
import { UsageError } from '../errors.ts'

/** What is called again and again, made ready once: a proxy that is renewed meanwhile counts at the next run. */
export interface LoadTarget {
  readonly url: string
  readonly headers: string
  readonly form: string
  readonly tls?: TlsOptions
}

/**
 * The first address of a service with the form of one call, its credential and what the server is believed by.
 *
 * @throws {UsageError} there is no address, or no credential where one is asked for
 */
export async function loadTarget(
  service: string,
  call: { readonly method: string; readonly args: readonly unknown[] },
  options: CallOptions,
): Promise<LoadTarget> {
  const { localConfiguration } = await import('../../client/local-configuration.ts')
  const { serviceAddresses } = await import('../../client/service-addresses.ts')
  const { shownCredential } = await import('../../client/shown-credential.ts')
  const { extraCredentials } = await import('../../client/extra-credentials.ts')
  const { jencode } = await import('../../rpc/jencode/encode.ts')
  const configuration = localConfiguration(options.surroundings)
  const addresses = wanted(serviceAddresses(service, configuration, options))
  const { certificate, token, isHost } = wanted(await shownCredential(options, configuration, options.surroundings))
  const extra = wanted(extraCredentials(options, isHost, configuration))
  const url = addresses[0] as URL
  const form = new URLSearchParams({
    method: call.method,
    args: jencode(call.args),
    ...(extra === null ? {} : { extraCredentials: jencode(extra) }),
  })
  if (token !== undefined && url.protocol !== 'https:') throw new UsageError(`no token goes to ${url}: it is not HTTPS`)
  return {
    url: url.href,
    headers: token === undefined ? '' : `Authorization: Bearer ${token}\r\n`,
    form: form.toString(),
    ...(url.protocol === 'https:' ? { tls: { trust: options.trust, certificate } } : {}),
  }
}

function wanted<T>(
  answer: { readonly OK: true; readonly Value: T } | { readonly OK: false; readonly Message: string },
): T {
  if (!answer.OK) throw new UsageError(answer.Message)
  return answer.Value
}
