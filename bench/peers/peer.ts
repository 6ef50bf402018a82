import type { Cores } from '../harness/machine.ts'
import type { RunningServer } from '../harness/server.ts'
import type { Stops } from '../harness/stops.ts'

export interface PeerPlace {
  /** Where it is installed and writes; made, and kept from run to run. */
  readonly folder: string
  /** What the bench brings for it: its package.json, its echo. */
  readonly source: string
  readonly cores: Cores
  readonly stops: Stops
  readonly tell: (line: string) => void
}

/** A server that does what a node does, as its users run it, with the same echo. */
export interface Peer {
  readonly id: string
  /** Makes it ready to start. @throws {CannotHave} it can't be had here; a missing network, an old Node, no right to install */
  install(place: PeerPlace): Promise<void>
  /** Its calls are `size` bytes each. */
  start(place: PeerPlace, size: number): Promise<RunningServer>
  /** `fastify 5.12.8`: asked when it is installed. */
  version(place: PeerPlace): string
}
