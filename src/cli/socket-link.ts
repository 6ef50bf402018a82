import { existsSync } from 'node:fs'
import { type ClientRequest, request } from 'node:http'
import type { DhnError } from '../service/errors.ts'
import { Home } from '../store/home.ts'
import { NodeForbidden, NodeNotRunning } from './errors.ts'
import type { Asked, NodeLink } from './node-link.ts'

/** The node of a home of this machine, over the socket that its owner alone can open. */
export class SocketLink implements NodeLink {
  readonly name: string
  readonly option: string
  readonly isLocal = true
  readonly #home: Home

  constructor(home: string) {
    this.#home = new Home(home)
    this.name = `the node at ${home}`
    this.option = `--home ${home}`
  }

  async request({ headers, ...asked }: Asked): Promise<ClientRequest> {
    return request({
      ...asked,
      socketPath: this.#home.adminSocket,
      agent: false,
      headers: { host: 'localhost', ...headers },
    })
  }

  noNode({ code }: NodeJS.ErrnoException): DhnError | undefined {
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR')
      return new NodeNotRunning(this.#home.root, existsSync(this.#home.etc()))
    if (code === 'EACCES' || code === 'EPERM') return new NodeForbidden(this.#home.adminSocket)
    return undefined
  }
}
