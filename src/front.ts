import 'reflect-metadata'
import type { Socket } from 'node:net'
import { Front } from './transport/fronts/front.ts'
import type { FromFront, ToFront } from './transport/fronts/messages.ts'

// The entry of a front process. It belongs to its node: it ends with the channel to it, and with nothing else.

const front = new Front({
  send: (message: FromFront) => process.send?.(message, () => undefined),
})
process.on('message', (message, socket) => front.told(message as ToFront, socket as Socket | undefined))
process.on('disconnect', () => process.exit(0))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
