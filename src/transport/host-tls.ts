import { constants } from 'node:crypto'
import type { SecureContextOptions, TlsOptions } from 'node:tls'
import type { Authorization } from '../container/authorization.ts'
import type { NodeLog } from '../container/node-log.ts'
import type { TransportConfiguration } from './configuration.ts'
import { HostCertificate } from './host-certificate.ts'
import type { HostCredentials } from './host-credentials.ts'

/** TLS as the doors speak it: with the host certificate, which may be replaced while they are open. */
export class HostTls {
  readonly #host: HostCertificate

  /** @param renew is given what changes with the host certificate */
  constructor(
    private readonly configuration: TransportConfiguration['tls'],
    private readonly authorization: Pick<Authorization, 'isNode'>,
    private readonly log: NodeLog,
    renew: (context: SecureContextOptions) => void,
  ) {
    const { certificateFile, keyFile } = configuration
    this.#host = new HostCertificate({
      certificateFile,
      keyFile,
      changed: (credentials) => {
        renew(this.#context(credentials))
        log.info({ file: certificateFile, notAfter: credentials.notAfter }, 'the host certificate is another now')
      },
      failed: (error) =>
        log.error({ err: error }, 'the new host certificate can not be used: the earlier one stays in use'),
    })
  }

  /** What is in use; undefined before `start`. */
  get current(): HostCredentials | undefined {
    return this.#host.current
  }

  /** @throws {HostCredentialsUnusable} @throws {HostKeyExposed} */
  async start(): Promise<TlsOptions> {
    const { handshakeTimeout } = this.configuration
    return {
      ...this.#context(await this.#host.start()),
      handshakeTimeout,
      ALPNProtocols: ['http/1.1'],
      // Who shows a certificate is judged by `Callers`: TLS knows neither proxies nor a grid's policies.
      requestCert: true,
      rejectUnauthorized: false,
    }
  }

  stop(): void {
    this.#host.stop()
  }

  #context({ cert, key, notAfter, self }: HostCredentials): SecureContextOptions {
    const { certificateFile, minimumVersion } = this.configuration
    if (notAfter.getTime() < Date.now()) {
      this.log.warn({ file: certificateFile, notAfter }, `the host certificate expired on ${notAfter.toISOString()}`)
    }
    this.authorization.isNode(self)
    return {
      cert,
      key,
      minVersion: minimumVersion,
      // A resumed session shows only the first certificate of a client's chain, and keeps the first client's identity.
      secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    }
  }
}
