import type { MessagePort } from 'node:worker_threads'
import type { FrameReceiver } from '../frames.ts'
import { MessageWriter, readMessage } from '../message-writer.ts'
import type { Link } from './link.ts'

/** The link of a thread: the node is on the other side of its port. */
export function connectThread(port: MessagePort, receiver: FrameReceiver): Link {
  port.on('message', (message: unknown) => readMessage(message, receiver))
  return { writer: new MessageWriter(port), endAtOnce: () => process.exit(1) }
}
