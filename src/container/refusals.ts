import type { AuditWho } from '../audit/audit-entry.ts'
import type { RefusalStep, RulePlace } from '../security/authorization/decision.ts'
import type { CertificateName } from '../security/refusal.ts'

/** Everything that is known of a refusal, for the operator; plain data. */
export interface RefusalNote {
  /** Made here unless it was given to the caller already. */
  readonly id?: string
  /** `request`: what came is no call as it should be, whoever sent it. */
  readonly kind: 'admin' | 'call' | 'request'
  readonly code: string
  /** What the caller was told. */
  readonly told: string
  /** Such as `Samples/Echo.echo`, `GET /admin/v1/node`, `POST /no/service`. */
  readonly what: string
  readonly who: AuditWho
  /** The network address. */
  readonly from?: string
  /** Absent without a certificate, unless a token was refused. */
  readonly credential?: RefusedCredential
  /** Absent when it isn't about who calls. */
  readonly rule?: {
    /** As written. */
    readonly text: string
    readonly place: RulePlace
    /** The question that the caller failed. */
    readonly step: RefusalStep
    readonly reason: string
  }
}

/** What a caller showed. */
export interface RefusedCredential {
  /** None with a token. As sent, his own certificate first, and of an accepted chain up to the CA; null for one that can't be read. */
  readonly certificates: readonly (CertificateName | null)[]
  /** Of an accepted chain. */
  readonly accepted?: {
    readonly rights: 'full' | 'limited' | 'none'
    readonly proxy: boolean
    /** The DIRAC group in it. */
    readonly group?: string
    /** What VOMS servers say, checked. */
    readonly fqans?: readonly string[]
    /** ISO 8601, UTC. */
    readonly notAfter: string
  }
  /** Of a refused one: the reason of docs/security.md, and the certificate that it is about; of a token that of docs/secure.md. */
  readonly failed?: CredentialFailure
}

export interface CredentialFailure {
  readonly reason: string
  readonly check?: string
  readonly certificate?: CertificateName
  /** Its place in the chain as sent, from 0. */
  readonly index?: number
  readonly message?: string
}

/** Where refusals are told to. A front process tells the node. */
export interface Refusals {
  /** Keeps it for a while, and gives it the id that its caller gets. Costs little: anybody can be refused as often as he likes. */
  noted(refusal: RefusalNote): string
}

/** The interface and its token share a name. */
export const Refusals = Symbol('Refusals')
