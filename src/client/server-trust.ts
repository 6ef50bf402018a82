import type { X509Certificate } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import type { CfgSection } from '../cfg/cfg.ts'
import { optionAt } from '../cfg/options.ts'
import { validateChain } from '../security/validate-chain.ts'
import { TrustWatch } from '../security/watch-trust.ts'
import type { Surroundings } from './surroundings.ts'

/** By what a server is believed to be who it says. */
export interface ServerTrust {
  /** CAs with their policies and revocation lists. */
  readonly directory: string
  /** What a CA without a revocation list means. Default: its servers are believed. */
  readonly revocationLists?: 'require' | 'if-present'
  /** Whether the certificate authorities of the web, which Node brings along, are believed as well. Default: no. */
  readonly webCAs?: boolean
}

/** DIRAC's order of places; the last one where there is none of them. */
export function caDirectory(configuration: CfgSection, { environment, root }: Surroundings): string {
  const gridSecurity = optionAt(configuration, '/DIRAC/Security/Grid-Security')?.value
  const configured = [
    gridSecurity && join(gridSecurity, 'certificates'),
    optionAt(configuration, '/DIRAC/Security/CALocation')?.value,
  ]
  const found = configured.find((folder) => folder && isFolder(folder)) || environment.X509_CERT_DIR
  if (found) return found
  const own = join(root, 'etc', 'grid-security', 'certificates')
  return isFolder(own) ? own : '/etc/grid-security/certificates'
}

const isFolder = (name: string): boolean => statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false

/** Directories are read once and then kept up to date, for all clients of the process. */
const watched = new Map<string, Promise<TrustWatch>>()

/**
 * Why the server at the other end of a connection is not believed, or undefined when it is: its chain is judged by dhn's
 * own rules (docs/security.md), the name it is called by included. What can't be judged is not believed.
 */
export async function distrust(socket: TLSSocket, hostName: string, trust: ServerTrust): Promise<string | undefined> {
  if (trust.webCAs === true && socket.authorized) return undefined
  try {
    const { current } = await watchOf(trust.directory)
    const verdict = validateChain(chainOf(socket), current, {
      at: Date.now(),
      crls: trust.revocationLists ?? 'if-present',
      purpose: { kind: 'server', hostName },
    })
    return verdict.verdict === 'reject' ? `${verdict.message} (${verdict.reason})` : undefined
  } catch (error) {
    return (error as Error).message
  }
}

function watchOf(directory: string): Promise<TrustWatch> {
  const known = watched.get(directory)
  if (known !== undefined) return known
  const watch = TrustWatch.start(directory, { changed: () => undefined })
  watched.set(directory, watch)
  // Not kept: the directory may be there at the next call.
  watch.catch(() => watched.delete(directory))
  return watch
}

function chainOf(socket: TLSSocket): readonly Buffer[] {
  const chain: Buffer[] = []
  let certificate: X509Certificate | undefined = socket.getPeerX509Certificate()
  // One more than a chain may have, so that one that is too long is seen to be.
  while (certificate !== undefined && chain.length < 21) {
    chain.push(certificate.raw)
    certificate = certificate.issuerCertificate
  }
  return chain
}
