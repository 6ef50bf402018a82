import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

export const isTls = (socket: Socket): socket is TLSSocket => (socket as Partial<TLSSocket>).encrypted === true
