import { createServer } from 'node:net'
import type { ToInstance } from '../control.ts'
import { FrameWriter } from '../frame-writer.ts'
import { FrameInvalid, FrameParser } from '../frames.ts'
import type { Outflow } from './outflow.ts'

const LISTENING_DESCRIPTOR = 4

/** Makes the outflow for the answers of one connection. */
type MakeOutflow = (writer: FrameWriter) => Outflow
type Call = (outflow: Outflow, id: number, endpoint: number, method: string, args: string, told?: string) => void

/**
 * Takes the connections of the node's fronts at descriptor 4, which the node has bound: only it can connect. They carry
 * calls and answers; whatever else comes ends the connection that it came on.
 */
export function acceptFronts(makeOutflow: MakeOutflow, call: Call): void {
  const server = createServer((socket) => {
    const outflow = makeOutflow(new FrameWriter(socket))
    const end = (): void => void socket.destroy()
    const parser = new FrameParser({
      call: (...of) => call(outflow, ...of),
      control: (message) => {
        const told = message as ToInstance
        if (told.what === 'more') outflow.more(told.id, told.parts)
        else if (told.what === 'enough') outflow.enough(told.id)
        else end()
      },
      reply: end,
      answer: end,
      part: end,
    })
    socket.on('data', (chunk: Buffer) => {
      try {
        parser.push(chunk)
      } catch (error) {
        if (!(error instanceof FrameInvalid)) throw error
        end()
      }
    })
    socket.on('error', () => {})
    socket.once('close', () => outflow.end())
  })
  server.listen({ fd: LISTENING_DESCRIPTOR })
}
