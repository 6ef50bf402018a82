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

const day = 24 * 60 * 60 * 1000

/** How long before its end each thing is warned of, ms. Lists are made anew each week or month, and fetched each day. */
const warnedBefore: Readonly<Record<Expiry['what'], number>> = {
  'certificate authority': 30 * day,
  'revocation list': day,
  'host certificate': 30 * day,
}

/** What is done about it, in time. */
export const renewals: Readonly<Record<Expiry['what'], string>> = {
  'certificate authority': 'install the CA distribution anew',
  'revocation list': 'fetch the revocation lists: fetch-crl',
  'host certificate': 'put a new host certificate and key in their place',
}

/** What has ended, or will before long. */
export const endingSoon = (expiries: readonly Expiry[], now: number): readonly Expiry[] =>
  expiries.filter(({ what, at }) => at - now < warnedBefore[what])

/** Such as `the revocation list of /DC=org/CN=CA expired 2027-01-31T12:00:00.000Z`. */
export function expiryText({ what, name, at }: Expiry, now: number): string {
  return `the ${what} of ${name} ${at < now ? 'expired' : 'expires'} ${new Date(at).toISOString()}`
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
