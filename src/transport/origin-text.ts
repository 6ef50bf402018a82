import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

/** By connection: made once, unless a caller names another host on it. */
const made = new WeakMap<Socket, { readonly host: string; readonly text: string }>()

/** Where a request comes from and how it named this node: `remote` and `base` of `CallFacts`, as JSON without its braces. */
export function originText({ socket, headers: { host = '' } }: IncomingMessage): string {
  const known = made.get(socket)
  if (known !== undefined && known.host === host) return known.text
  const scheme = (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http'
  const facts = { remote: [socket.remoteAddress ?? '', socket.remotePort ?? 0], base: `${scheme}://${host}` }
  const text = JSON.stringify(facts).slice(1, -1)
  made.set(socket, { host, text })
  return text
}
