import { join } from 'node:path'
import { AskedSharedState } from '../../service/asked-shared-state.ts'
import { type ErrorData, RemoteError } from '../../service/errors.ts'
import { AddressUnknown } from '../../service/nal.ts'
import type { ConfigurationTree, JndiEntry, ServiceNode } from '../../service/runtime.ts'
import { SharedFull } from '../../service/shared-errors.ts'
import { TransitionIllegal } from '../../service/transition-illegal.ts'
import type { FromInstance, ToInstance } from '../control.ts'
import type { FrameReceiver } from '../frames.ts'
import type { JndiValue, PlaceSpec } from '../place.ts'
import type { Connect, Link } from './link.ts'

/** The connection to the node, and the node as the service sees it. */
export class Host {
  readonly writer: Link['writer']
  /** As much of the node's configuration as the services may see, as it was told last. */
  configuration: ConfigurationTree = {}
  readonly #asked = new Map<number, { resolve(value?: string): void; reject(error: Error): void }>()
  #lastId = 0

  constructor(
    connect: Connect,
    control: (message: Exclude<ToInstance, { what: 'answer' }>) => void,
    call: FrameReceiver['call'],
  ) {
    const link: Link = connect({
      call,
      control: (message) => {
        const told = message as ToInstance
        if (told.what === 'answer') this.#answered(told.id, told.value, told.error)
        else control(told)
      },
      reply: () => link.endAtOnce(),
      answer: () => link.endAtOnce(),
      part: () => link.endAtOnce(),
    })
    this.writer = link.writer
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
      configuration: () => this.configuration,
      oneInstance: true,
      shared: new AskedSharedState((request) => this.#ask((id) => ({ what: 'shared', id, request }))),
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

/** The errors a service may want to tell apart are of their own class again. */
function asThrown(error: ErrorData): Error {
  const { from, to, service, what, limit } = (error.facts ?? {}) as Record<string, unknown>
  if (error.code === 'DHN_TRANSITION_ILLEGAL') return new TransitionIllegal(String(from), String(to))
  if (error.code === 'DHN_ADDRESS_UNKNOWN') return new AddressUnknown(String(service))
  if (error.code === 'DHN_SHARED_FULL') return new SharedFull(what as SharedFull['what'], Number(limit))
  return new RemoteError(error)
}

function jndiEntry(value: JndiValue): JndiEntry {
  return typeof value === 'object' && 'bigint' in value ? BigInt(value.bigint) : value
}
