import type { NodeView } from '../container/views.ts'

/**
 * What commands need from above their floor: `main.ts` provides it, and loads the heavy rooms only when it is called.
 */
export interface Roof {
  /** The file that Node runs for `dhn`, absolute. */
  readonly program: string
  readonly version: string
  /** Makes a home with its configuration, keys and certificates; leaves what is there already. */
  initializeHome(home: string, options: { readonly hostName?: string }): Promise<void>
  /** What `etc/dhn.cfg` says of the doors. */
  doors(home: string): Promise<Doors>
  composeNode(home: string, overrides: StartOverrides): Promise<ComposedNode>
}

export interface Doors {
  readonly host: string
  readonly port: number
  /** Absent: no plain HTTP. */
  readonly nosecPort?: number
}

export interface StartOverrides {
  readonly host?: string
  readonly port?: number
  readonly nosec?: boolean
  readonly nosecPort?: number
}

/** A node that was put together and isn't running yet. */
export interface ComposedNode {
  start(): Promise<NodeView>
  /** Drains and stops; safe twice. */
  stop(): Promise<void>
}
