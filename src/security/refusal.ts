import type { Certificate } from './certificate.ts'
import { oneLine } from './name-text.ts'
import { type RefusalReason, refusals } from './reasons.ts'

/** Which certificate a reason or a warning is about. */
export interface CertificateName {
  readonly subject: string
  readonly issuer: string
  /** Upper-case hex. */
  readonly serial: string
}

export const nameOf = (certificate: Certificate): CertificateName => ({
  subject: oneLine(certificate.subject),
  issuer: oneLine(certificate.issuer),
  serial: certificate.serialText,
})

/** A chain is refused: one reason, the check that found it, the certificate it found it on. */
export interface Refusal {
  readonly verdict: 'reject'
  readonly reason: RefusalReason
  readonly check: string
  /** Absent when the chain as a whole is at fault, or the certificate can't be read. */
  readonly certificate?: CertificateName
  /** The certificate's place in the chain as sent; absent when it came from the trust store. */
  readonly index?: number
  /** For operators and logs, never for the caller. */
  readonly message: string
}

/** Carries a refusal out of the checks. It never leaves this room: `validateChain` returns it. */
export class Refused extends Error {
  constructor(
    readonly reason: RefusalReason,
    readonly certificate?: Certificate,
    readonly detail?: string,
    readonly index?: number,
  ) {
    super(reason)
  }
}

export function asRefusal({ reason, certificate, detail, index }: Refused, chain: readonly Certificate[]): Refusal {
  const { check, text } = refusals[reason]
  const place = index ?? (certificate === undefined ? -1 : chain.indexOf(certificate))
  const named = certificate === undefined ? undefined : nameOf(certificate)
  const about =
    named !== undefined
      ? `${named.subject} (issuer ${named.issuer}, serial ${named.serial}): `
      : place >= 0
        ? `certificate ${place + 1} of the chain: `
        : ''
  return {
    verdict: 'reject',
    reason,
    check,
    ...(named === undefined ? {} : { certificate: named }),
    ...(place < 0 ? {} : { index: place }),
    message: `${about}${text}${detail === undefined ? '' : ` (${detail})`}`,
  }
}
