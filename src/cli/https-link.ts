import type { ClientRequest } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { DhnError } from '../service/errors.ts'
import { type CredentialWish, findCredential } from './credential.ts'
import { NodeNotTrusted, NodeUnreachable, UsageError } from './errors.ts'
import type { Asked, NodeLink } from './node-link.ts'

/** What OpenSSL and Node say of a server whose certificate is not believed. */
const untrusted = /CERT|SIGNATURE|ISSUER/

/** A node anywhere, over HTTPS, asked with a certificate that its configuration lists. */
export class HttpsLink implements NodeLink {
  readonly name: string
  readonly option: string
  readonly isLocal = false
  #options: Promise<RequestOptions> | undefined

  /**
   * @param trust the folder of CAs that the node is believed by
   * @throws {UsageError} it is no https address
   */
  constructor(
    private readonly address: string,
    private readonly wish: CredentialWish,
    private readonly trust: string,
  ) {
    if (!/^https:\/\/[^/?#@]+\/?$/i.test(address) || !URL.canParse(address))
      throw new UsageError(`--node takes an address such as https://host:8443, not ${address}`)
    this.name = `the node at ${address}`
    this.option = `--node ${address}`
  }

  async request({ headers, ...asked }: Asked): Promise<ClientRequest> {
    const { request } = await import('node:https')
    this.#options ??= this.#read()
    const options = await this.#options
    return request(this.address, { ...options, ...asked, headers, agent: false })
  }

  noNode({ code = '', message }: NodeJS.ErrnoException): DhnError | undefined {
    if (untrusted.test(code)) return new NodeNotTrusted(this.address, message, this.trust)
    if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ABORT_ERR') return undefined
    return new NodeUnreachable(this.address, message)
  }

  async #read(): Promise<RequestOptions> {
    const { trustedCertificates } = await import('./call/trusted.ts')
    return { ...(await findCredential(this.wish)), ca: [...trustedCertificates(this.trust)] }
  }
}
