import type { SecureVersion } from 'node:tls'
import type { CfgSection } from '../cfg/cfg.ts'
import { optionAt, valueAt } from '../cfg/options.ts'
import type { ExtraCredentialOptions } from './extra-credentials.ts'
import type { ServerTrust } from './server-trust.ts'
import type { AddressOptions } from './service-addresses.ts'
import type { CredentialOptions } from './shown-credential.ts'
import type { Surroundings } from './surroundings.ts'

/** DIRAC's options under DIRAC's names, and a few of our own. */
export interface ClientOptions extends CredentialOptions, ExtraCredentialOptions, AddressOptions {
  /** Milliseconds to connect, and without a byte until a call is given up; 600,000 by default. */
  readonly timeout?: number
  /** The VO of the caller; else `/DIRAC/VirtualOrganization`. */
  readonly VO?: string
  /** The setup of the caller; else `/DIRAC/Setup`. */
  readonly setup?: string
  /** Believe any server: for tests. */
  readonly skipCACheck?: boolean
  /** The CAs that servers are believed by; else where DIRAC has them. */
  readonly trust?: Partial<ServerTrust>
  /** The largest answer taken by a call, bytes; 100 MiB by default. Files may be of any size. */
  readonly largestAnswer?: number
  /** Instead of the files that DIRAC reads. */
  readonly configuration?: CfgSection
  /** Instead of those of this process. */
  readonly surroundings?: Surroundings
}

/** What `/DIRAC/ConnConf/<host>:<port>` says of one server, unless the client says otherwise. */
export function withServerOptions(options: ClientOptions, configuration: CfgSection, address: URL): ClientOptions {
  const port = address.port || (address.protocol === 'https:' ? '443' : '80')
  const section = `/DIRAC/ConnConf/${address.hostname}:${port}`
  const seconds = valueAt(configuration, `${section}/timeout`, 0)
  const proxy = optionAt(configuration, `${section}/proxyLocation`)?.value
  const host = optionAt(configuration, `${section}/useCertificates`)?.value
  const unchecked = optionAt(configuration, `${section}/skipCACheck`)?.value
  return {
    ...(seconds > 0 ? { timeout: seconds * 1000 } : {}),
    ...(proxy === undefined ? {} : { proxyLocation: proxy }),
    ...(host === undefined ? {} : { useCertificates: valueAt(configuration, `${section}/useCertificates`, false) }),
    ...(unchecked === undefined ? {} : { skipCACheck: valueAt(configuration, `${section}/skipCACheck`, false) }),
    ...options,
  }
}

/** DIRAC's variables for the handshake. */
export function handshakeOptions({ environment }: Surroundings): {
  readonly ciphers?: string
  readonly minVersion?: SecureVersion
  readonly maxVersion?: SecureVersion
} {
  const { DIRAC_HTTPS_SSL_CIPHERS: ciphers } = environment
  const minVersion = version(environment.DIRAC_HTTPS_SSL_METHOD_MIN)
  const maxVersion = version(environment.DIRAC_HTTPS_SSL_METHOD_MAX)
  return {
    ...(ciphers ? { ciphers } : {}),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
  }
}

/** `TLSv1_2` is what Python calls it. */
const versions: Readonly<Record<string, SecureVersion>> = { TLSv1_2: 'TLSv1.2', TLSv1_3: 'TLSv1.3' }
const version = (name: string | undefined): SecureVersion | undefined => versions[name ?? '']
