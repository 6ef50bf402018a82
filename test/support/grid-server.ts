import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'

/** A call as a server got it. */
export interface SeenCall {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** The fields of the form, in their order. */
  readonly form: URLSearchParams
  /** The CN of the certificate shown, if one was. */
  readonly certificate: string | undefined
}

export interface GridServer {
  /** `https://localhost:<port>`. */
  readonly url: string
  readonly calls: readonly SeenCall[]
  connections(): number
}

export type Answer = (call: SeenCall, response: ServerResponse) => void

/** Answers with S_OK of `value`, which is JEncode text. */
export const ok =
  (value = 'null'): Answer =>
  (_, response) =>
    void response.setHeader('Content-Type', 'application/json').end(`{"OK": true, "Value": ${value}}`)

/** An HTTPS server of the grid (HTTP without `tls`) that asks for certificates and lets everyone in, until the test ends. */
export async function gridServer(
  answer: Answer,
  tls?: { readonly certificatePem: string; readonly keyPem: string },
): Promise<GridServer> {
  const calls: SeenCall[] = []
  const answering = (request: IncomingMessage, response: ServerResponse): void => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      const shown = (request.socket as TLSSocket).getPeerCertificate?.()
      const certificate = [shown?.subject?.CN].flat().at(-1)
      const call = { path: request.url ?? '', headers: request.headers, form: new URLSearchParams(body), certificate }
      calls.push(call)
      answer(call, response)
    })
  }
  let connections = 0
  const server: Server =
    tls === undefined
      ? createPlain(answering)
      : createSecure(
          { cert: tls.certificatePem, key: tls.keyPem, requestCert: true, rejectUnauthorized: false },
          answering,
        )
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => {
    connections += 1
    sockets.add(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http${tls === undefined ? '' : 's'}://localhost:${port}`, calls, connections: () => connections }
}

/** An address of this machine at which nobody listens. */
export const nobody = 'https://localhost:1'
