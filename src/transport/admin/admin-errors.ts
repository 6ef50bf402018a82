import { DhnError } from '../../service/errors.ts'

/** The request came for a host that this isn't: a name that was made to lead here (DNS rebinding), or a wrong address. */
export class HostNotServed extends DhnError {
  readonly code = 'DHN_HOST_NOT_SERVED'
  constructor(readonly host: string) {
    super(`this node is not ${host}`, { next: 'ask it by a name of its certificate, or by /DHN/Host' })
  }
}

/** A web page made the request, in the name of somebody whose browser has his certificate. */
export class CrossSiteRequest extends DhnError {
  readonly code = 'DHN_CROSS_SITE_REQUEST'
  constructor(
    /** Such as `Origin`. */
    readonly header: string,
  ) {
    super(`requests with the header ${header} are not taken: they come from web pages`, {
      next: 'use dhn, or a program that is no browser',
    })
  }
}

/** A change was asked for in one of the types that a form of any web page can send. */
export class ContentTypeRefused extends DhnError {
  readonly code = 'DHN_CONTENT_TYPE_REFUSED'
  constructor(readonly contentType: string) {
    super(
      contentType === '' ? 'a POST has to name its content type' : `the content type ${contentType} is not taken here`,
      { next: 'send application/octet-stream with an archive, and application/json with everything else' },
    )
  }
}

/** Nobody is known who asks: there is no certificate, or no TLS. */
export class AdministratorUnknown extends DhnError {
  readonly code = 'DHN_UNAUTHENTICATED'
  constructor() {
    super('administrators ask over HTTPS with their certificate', {
      next: 'name a certificate: --cert and --key, or X509_USER_PROXY',
    })
  }
}

/** The certificate of whoever asks is refused. */
export class AdministratorRefused extends DhnError {
  readonly code = 'DHN_CERTIFICATE_REFUSED'
  constructor(why: string) {
    super(why, { next: 'renew the certificate; the node tells its operator more' })
  }
}

/** Somebody known who may not administer. */
export class NotAdministrator extends DhnError {
  readonly code = 'DHN_NOT_ADMINISTRATOR'
  constructor(
    /** The name of the certificate. */
    readonly dn: string,
    why: string,
  ) {
    super(`${dn} may not administer this node: ${why}`, {
      next: 'ask its operator: /DHN/Security/Administrators and AdministratorGroups say who may',
    })
  }
}
