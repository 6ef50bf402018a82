import type { Certificate } from './certificate.ts'
import { oneLine } from './name-text.ts'
import type { TrustStore } from './trust-store.ts'

/** When something ends that callers are judged by. */
export interface Expiry {
  readonly what: 'host certificate' | 'certificate authority' | 'revocation list'
  /** Whose it is. */
  readonly name: string
  /** ms since 1970. */
  readonly at: number
}

/** The ends of everything in a trust directory, the earliest first. Of a CA's revocation lists the newest counts. */
export function expiriesOf(trust: TrustStore): readonly Expiry[] {
  const expiries = trust.certificates.flatMap((certificate): Expiry[] => {
    const name = oneLine(certificate.subject)
    const list = listEnd(trust, certificate)
    return [
      { what: 'certificate authority', name, at: certificate.notAfter },
      ...(list === undefined ? [] : [{ what: 'revocation list', name, at: list } as const]),
    ]
  })
  return expiries.sort((one, other) => one.at - other.at)
}

/** The names of the CAs that have no revocation list of their own. */
export function withoutList(trust: TrustStore): readonly string[] {
  return trust.certificates.filter((one) => listEnd(trust, one) === undefined).map(({ subject }) => oneLine(subject))
}

function listEnd(trust: TrustStore, ca: Certificate): number | undefined {
  const ends = trust
    .crlsNamed(ca.subject)
    .filter((crl) => crl.isSignedBy(ca))
    .map(({ nextUpdate = 0 }) => nextUpdate)
  return ends.length === 0 ? undefined : Math.max(...ends)
}
