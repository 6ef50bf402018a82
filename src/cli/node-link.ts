import type { ClientRequest, OutgoingHttpHeaders } from 'node:http'
import type { DhnError } from '../service/errors.ts'

/** What is asked, without a body yet. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: OutgoingHttpHeaders
  readonly signal?: AbortSignal
}

/** How a node is reached. */
export interface NodeLink {
  /** In a sentence: `the node at /srv/dhn`. */
  readonly name: string
  /** What a command is told to reach it: `--home /srv/dhn`. */
  readonly option: string
  /** It is on this machine, and its caller owns it. */
  readonly isLocal: boolean
  /** A request on a connection of its own. */
  request(asked: Asked): Promise<ClientRequest>
  /** Why there is no node that could answer; undefined when there was one, and the connection broke. */
  noNode(error: NodeJS.ErrnoException): DhnError | undefined
}
