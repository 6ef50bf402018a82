/** A credential as it was delivered to a running instance. More may be said of it in later versions. */
export interface Credential {
  /** Certificates and private key, PEM: a proxy's file as it is. */
  readonly pem: string
}

/**
 * Tells the two kinds of listener apart at run time, also when the service and the node hold different copies of the
 * SDK: `instanceof` would not.
 */
const credentialsKind = Symbol.for('dhn.service.credentials')

/**
 * Takes the one credential of a running instance.
 *
 * A secure running instance that registers one becomes ready only after a first credential was delivered. It is called
 * again when the credential is renewed. When it throws, the running instance fails.
 */
export abstract class SimpleCredentialsListener {
  get [credentialsKind](): 'simple' {
    return 'simple'
  }

  abstract credentialsDelivered(credential: Credential): void | Promise<void>
}

/** Takes a credential for each scope (a DL, a VO) that the running instance works in; otherwise as the simple one. */
export abstract class MultipleCredentialsListener {
  get [credentialsKind](): 'multiple' {
    return 'multiple'
  }

  abstract credentialsDelivered(scope: string, credential: Credential): void | Promise<void>
}

/** Which kind of listener a value is, if it is one. */
export function credentialsKindOf(listener: unknown): 'simple' | 'multiple' | undefined {
  if (typeof listener !== 'object' || listener === null) return undefined
  if (typeof (listener as SimpleCredentialsListener).credentialsDelivered !== 'function') return undefined
  const kind = (listener as { [credentialsKind]?: unknown })[credentialsKind]
  return kind === 'simple' || kind === 'multiple' ? kind : undefined
}
