import { DhnError } from '../service/errors.ts'

/** Bytes that are not strict DER, or are over a limit while being read as DER. */
export class DerMalformed extends DhnError {
  readonly code = 'DHN_DER_MALFORMED'
  constructor(
    readonly problem: string,
    /** Where in the bytes that were read. */
    readonly offset: number,
  ) {
    super(`${problem} at byte ${offset}; this is not strict DER`)
  }
}

/** Strict DER that isn't the structure it should be, or holds values that structure forbids. */
export class CertificateUnreadable extends DhnError {
  readonly code = 'DHN_CERTIFICATE_UNREADABLE'
  constructor(
    /** The reason code a verdict gives for it. */
    readonly reason: UnreadableReason,
    readonly problem: string,
    cause?: unknown,
  ) {
    super(`the certificate can't be read: ${problem}`, { cause, next: 'Ask its issuer for a new one.' })
  }
}

/** Why a certificate was refused before any rule of a path was asked. */
export type UnreadableReason =
  | 'malformed-certificate'
  | 'nul-in-name'
  | 'control-character-in-name'
  | 'duplicate-extension'
  | 'duplicate-proxycertinfo'
  | 'signature-algorithm-mismatch'
  | 'bad-serial'
  | 'not-version-3'

/** A distinguished name in text that can't be read. */
export class NameUnreadable extends DhnError {
  readonly code = 'DHN_NAME_UNREADABLE'
  constructor(
    readonly text: string,
    readonly problem: string,
  ) {
    super(`${JSON.stringify(text.slice(0, 200))} is not a distinguished name: ${problem}`, {
      next: 'Write it as /C=…/O=…/CN=… or CN=…,O=…,C=….',
    })
  }
}

/** A revocation list that can't be read. */
export class CrlUnreadable extends DhnError {
  readonly code = 'DHN_CRL_UNREADABLE'
  constructor(
    readonly problem: string,
    cause?: unknown,
  ) {
    super(`the revocation list can't be read: ${problem}`, { cause, next: 'Fetch it again.' })
  }
}

/** A `.signing_policy` or `.namespaces` file that can't be read whole. */
export class PolicyFileUnreadable extends DhnError {
  readonly code = 'DHN_POLICY_FILE_UNREADABLE'
  constructor(
    readonly kind: 'signing_policy' | 'namespaces',
    readonly line: number,
    readonly problem: string,
  ) {
    super(`the .${kind} file can't be read: line ${line}: ${problem}`, {
      next: 'Install the file again from the CA distribution; until then its CA is not trusted.',
    })
  }
}

/** A directory of CAs or of VOMS servers that can't be listed. */
export class TrustDirectoryUnreadable extends DhnError {
  readonly code = 'DHN_TRUST_DIRECTORY_UNREADABLE'
  constructor(
    readonly directory: string,
    cause: unknown,
  ) {
    super(`the trust directory ${directory} can't be read`, {
      cause,
      next: 'Name a directory of CA certificates, such as /etc/grid-security/certificates.',
    })
  }
}

/** A credential file without what a credential needs. */
export class CredentialUnreadable extends DhnError {
  readonly code = 'DHN_CREDENTIAL_UNREADABLE'
  constructor(
    readonly problem: string,
    cause?: unknown,
  ) {
    super(`the credential can't be read: ${problem}`, { cause })
  }
}

/** The private key of a credential file is not the key of its first certificate. */
export class CredentialKeyMismatch extends DhnError {
  readonly code = 'DHN_CREDENTIAL_KEY_MISMATCH'
  constructor(readonly subject: string) {
    super(`the private key is not the key of ${subject}, the first certificate`, {
      next: 'Put the certificate and the key that were made together into the file.',
    })
  }
}

/** A credential file that others may read, or that belongs to somebody else. */
export class CredentialNotPrivate extends DhnError {
  readonly code = 'DHN_CREDENTIAL_NOT_PRIVATE'
  constructor(
    readonly file: string,
    readonly problem: string,
  ) {
    super(`${file} ${problem}`, { next: 'Make it yours and run chmod 600 on it.' })
  }
}

/** A VOMS attribute certificate whose bytes can't be read. */
export class AttributeCertificateUnreadable extends DhnError {
  readonly code = 'DHN_ATTRIBUTE_CERTIFICATE_UNREADABLE'
  constructor(
    readonly problem: string,
    cause?: unknown,
  ) {
    super(`the attribute certificate can't be read: ${problem}`, { cause })
  }
}

/** A certificate that was asked for can't be made. */
export class CertificateNotMade extends DhnError {
  readonly code = 'DHN_CERTIFICATE_NOT_MADE'
  constructor(readonly problem: string) {
    super(`the certificate can't be made: ${problem}`)
  }
}

/** A file that would hold a new certificate or key is there already. */
export class CredentialFileExists extends DhnError {
  readonly code = 'DHN_CREDENTIAL_FILE_EXISTS'
  constructor(readonly file: string) {
    super(`${file} is there already`, { next: 'Name another place, or move it away: keys are never overwritten.' })
  }
}

/** A set of keys for the signatures of tokens that can't be had or read. */
export class TokenKeysUnreadable extends DhnError {
  readonly code = 'DHN_TOKEN_KEYS_UNREADABLE'
  constructor(
    readonly problem: string,
    cause?: unknown,
  ) {
    super(`the keys of the identity provider can't be used: ${problem}`, {
      cause,
      next: 'Compare its entry in /Resources/IdProviders with what the provider says of itself.',
    })
  }
}
