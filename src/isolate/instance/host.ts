import { Socket, type SocketConstructorOpts } from 'node:net'
import { join } from 'node:path'
import { type ErrorData, RemoteError } from '../../service/errors.ts'
import { AddressUnknown } from '../../service/nal.ts'
import type { JndiEntry, ServiceNode } from '../../service/runtime.ts'
import { TransitionIllegal } from '../../service/transition-illegal.ts'
import type { FromInstance, ToInstance } from '../control.ts'
import { FrameWriter } from '../frame-writer.ts'
import { FrameParser, type FrameReceiver, LARGEST_FRAME } from '../frames.ts'
import type { JndiValue, PlaceSpec } from '../place.ts'

const HOST_DESCRIPTOR = 3
/** One buffer for all that is read, bytes: what a unix socket holds at most. */
const READ_AT_ONCE = 256 * 1024

/** The connection to the node, and the node as the service sees it. The process ends with its connection. */
export class Host {
  readonly writer: FrameWriter
  readonly #asked = new Map<number, { resolve(value?: string): void; reject(error: Error): void }>()
  #lastId = 0

  constructor(control: (message: Exclude<ToInstance, { what: 'answer' }>) => void, call: FrameReceiver['call']) {
    const receiver: FrameReceiver = {
      call,
      control: (message) => {
        const told = message as ToInstance
        if (told.what === 'answer') this.#answered(told.id, told.value, told.error)
        else control(told)
      },
      reply: endAtOnce,
    }
    const parser = new FrameParser(receiver, LARGEST_FRAME, true)
    const callback = (length: number, bytes: Uint8Array): boolean => {
      parser.push((bytes as Buffer).subarray(0, length))
      return true
    }
    const buffer = Buffer.allocUnsafeSlow(READ_AT_ONCE)
    // `onread` is an option of the constructor too (nodejs.org/api/net.html), which its types don't say.
    const socket = new Socket({ fd: HOST_DESCRIPTOR, onread: { buffer, callback } } as SocketConstructorOpts)
    this.writer = new FrameWriter(socket)
    socket.on('error', endAtOnce)
    socket.on('close', endAtOnce)
  }

  tell(message: FromInstance): void {
    this.writer.control(message)
  }

  /** The node for `NAL`, as the deployment's spec describes it. */
  nodeFor(spec: PlaceSpec): ServiceNode {
    return {
      riId: spec.riId,
      dhnId: spec.dhnId,
      configurationDirectory: join(spec.directory, spec.configurationDirectory),
      persistentDirectory: spec.persistentDirectory,
      secure: spec.secure,
      jndi: new Map(Object.entries(spec.jndi).map(([name, value]) => [name, jndiEntry(value)])),
      oneInstance: true,
      setState: async (state, reason) => {
        const asked = { what: 'state', state, ...(reason === undefined ? {} : { reason }) } as const
        await this.#ask((id) => ({ ...asked, id }))
      },
      addressOf: async (service) => (await this.#ask((id) => ({ what: 'address', id, service }))) ?? '',
    }
  }

  #ask(message: (id: number) => FromInstance): Promise<string | undefined> {
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      this.tell(message(id))
    })
  }

  #answered(id: number, value: string | undefined, error: ErrorData | undefined): void {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    if (error === undefined) asked?.resolve(value)
    else asked?.reject(asThrown(error))
  }
}

/** The node is gone, or lost its senses: nothing here is of use any more, and no code of the service may delay the end. */
function endAtOnce(): void {
  for (const target of [-process.pid, process.pid]) {
    try {
      process.kill(target, 'SIGKILL')
    } catch {
      // The process leads no group of its own.
    }
  }
}

/** The errors a service may want to tell apart are of their own class again. */
function asThrown(error: ErrorData): Error {
  const { from, to, service } = (error.facts ?? {}) as Record<string, unknown>
  if (error.code === 'DHN_TRANSITION_ILLEGAL') return new TransitionIllegal(String(from), String(to))
  if (error.code === 'DHN_ADDRESS_UNKNOWN') return new AddressUnknown(String(service))
  return new RemoteError(error)
}

function jndiEntry(value: JndiValue): JndiEntry {
  return typeof value === 'object' && 'bigint' in value ? BigInt(value.bigint) : value
}
