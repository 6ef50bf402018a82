import type { CfgSection } from '../cfg/cfg.ts'
import type { NodeView } from '../container/views.ts'

/**
 * What commands need from above their floor: `main.ts` provides it, and loads the heavy rooms only when it is called.
 */
export interface Roof {
  /** The file that Node runs for `dhn`, absolute. */
  readonly program: string
  readonly version: string
  /** Makes what is missing of a home and resolves with the files it made; what is there stays as it is. */
  initializeHome(
    home: string,
    options: { readonly hostName?: string },
  ): Promise<{ readonly created: readonly string[] }>
  /** What `etc/dhn.cfg` says of the doors. */
  doors(home: string): Promise<Doors>
  readonly configuration: ConfigurationReports
  composeNode(home: string, overrides: StartOverrides & StartListener): Promise<ComposedNode>
}

type Environment = Readonly<Record<string, string | undefined>>

/** What is written in configurations, without a node. They throw as reading a configuration does. */
export interface ConfigurationReports {
  show(home: string, from: { environment: Environment }, defaults: boolean): Promise<readonly ShownOption[]>
  check(
    home: string,
    from: { environment: Environment },
    alone: string | undefined,
  ): Promise<readonly ConfigurationFinding[]>
  file(file: string): Promise<CfgSection>
}

/** One option of a merged configuration. */
export interface ShownOption {
  readonly path: string
  readonly value: string
  /** Absent: it is the default. */
  readonly file?: string
  readonly line?: number
}

export interface ConfigurationFinding {
  /** `error`: a node doesn't start, or doesn't do what is written; `warning`: nothing comes of it. */
  readonly level: 'error' | 'warning'
  readonly message: string
  readonly file?: string
  /** From 1. */
  readonly line?: number
}

/** Files are absolute. */
export interface Doors {
  /** The name by which clients know this machine. */
  readonly host: string
  /** Network addresses to listen on; none: all of the machine. */
  readonly addresses: readonly string[]
  readonly port: number
  readonly nosec: { readonly enabled: boolean; readonly port: number; readonly addresses: readonly string[] }
  readonly tls: { readonly certificateFile: string; readonly keyFile: string }
  readonly callers: { readonly trustDirectory: string; readonly crls: 'require' | 'if-present' }
  /** Whether services run as a user of their own when root runs the node. */
  readonly hasServiceUser: boolean
}

/** What wins over etc/dhn.cfg. */
export interface StartOverrides {
  /** Configuration files, absolute, the strongest last. */
  readonly files?: readonly string[]
  /** Such as `/DHN/Log/Level=warn`. */
  readonly settings?: readonly string[]
  /** Of the services that the configuration alone brings only these. */
  readonly services?: readonly string[]
  readonly debug?: boolean
  readonly host?: string
  readonly port?: number
  readonly nosec?: boolean
  readonly nosecPort?: number
}

/** What a node tells the one who started it. */
interface StartListener {
  /** Each line that goes into the node's log. */
  readonly tell: (level: 'info' | 'warn' | 'error', message: string, facts: object) => void
  /** The admin API was asked to stop the node; it isn't stopped by itself. */
  readonly stopRequested: () => void
  /** The doors are open; services may still be on their way. */
  readonly opened: () => void
}

/** A node that was put together and isn't running yet. */
export interface ComposedNode {
  /** There from the moment the home is owned. */
  readonly node: { view(): NodeView } | undefined
  /** Resolves when all that was deployed has settled. A node that can't start leaves nothing running. */
  start(): Promise<NodeView>
  /** Drains and stops; safe twice, and during `start`. */
  stop(): Promise<void>
  /** Resolves when it has stopped. */
  readonly stopped: Promise<void>
}
