import { randomBytes } from 'node:crypto'
import { chmodSync, renameSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'

/** A socket that listens before the process is there that will take its connections. */
export interface CallSocket {
  /** Only the node's own user may connect to it. */
  readonly path: string
  /** What the process inherits. */
  readonly descriptor: number
  /** Gives the descriptor back once it was inherited; the socket stays. */
  handedOver(): void
}

/** Bytes that a socket in a folder adds to the folder's path at most. */
export const longestCallSocket = '/0123456789ab.s~'.length

/**
 * Makes a socket in `folder`, which only the node's user may enter. It is bound here, so that a service that runs as another
 * user needs no right to the folder.
 *
 * @throws {Error} the system has none to give
 */
export function listenForCalls(folder: string): CallSocket {
  const path = join(folder, `${randomBytes(6).toString('hex')}.s`)
  const bound = `${path}~`
  const server = createServer()
  let refused: Error | undefined
  server.on('error', (error) => {
    refused = error
  })
  // Sockets with a path are bound before `listen` returns.
  server.listen(bound)
  const descriptor = descriptorOf(server)
  if (descriptor === undefined) throw refused ?? new Error(`no socket could be made at ${path}`)
  chmodSync(bound, 0o600)
  // Closing a server removes what it was bound to, but not what that has become.
  renameSync(bound, path)
  return { path, descriptor, handedOver: () => void server.close() }
}

/** Of a server that listens; Node has no other way to hand one to a process that isn't a fork. */
function descriptorOf(server: Server): number | undefined {
  const { _handle: handle } = server as unknown as { readonly _handle: { readonly fd: number } | null }
  return handle === null || handle.fd < 0 ? undefined : handle.fd
}
