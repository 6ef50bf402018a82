import { Socket, type SocketConstructorOpts } from 'node:net'
import { FrameWriter } from '../frame-writer.ts'
import { FrameParser, type FrameReceiver, LARGEST_FRAME } from '../frames.ts'
import type { Link } from './link.ts'

const HOST_DESCRIPTOR = 3
/** One buffer for all that is read, bytes: what a unix socket holds at most. */
const READ_AT_ONCE = 256 * 1024

/** The link of a process: the node is on the other side of descriptor 3. The process ends with its connection. */
export function connectProcess(receiver: FrameReceiver): Link {
  const parser = new FrameParser(receiver, LARGEST_FRAME, true)
  const callback = (length: number, bytes: Uint8Array): boolean => {
    parser.push((bytes as Buffer).subarray(0, length))
    return true
  }
  const buffer = Buffer.allocUnsafeSlow(READ_AT_ONCE)
  // `onread` is an option of the constructor too (nodejs.org/api/net.html), which its types don't say.
  const socket = new Socket({ fd: HOST_DESCRIPTOR, onread: { buffer, callback } } as SocketConstructorOpts)
  socket.on('error', endAtOnce)
  socket.on('close', endAtOnce)
  return { writer: new FrameWriter(socket), endAtOnce }
}

function endAtOnce(): void {
  for (const target of [-process.pid, process.pid]) {
    try {
      process.kill(target, 'SIGKILL')
    } catch {
      // The process leads no group of its own.
    }
  }
}
