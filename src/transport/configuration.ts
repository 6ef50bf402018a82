import { isIP } from 'node:net'
import type { ServicePort } from '../container/configured-services.ts'
import type { Readers } from './metrics/readers.ts'
import type { HealthPolicy } from './readiness.ts'
import type { FrontConfiguration } from './trusted-front.ts'

export type { ServicePort }

/** What the doors need to know. Times are milliseconds, sizes bytes, files absolute. */
export interface TransportConfiguration {
  /** The name by which clients know this machine: it stands in every address that the node gives out. */
  readonly host: string
  /** Network addresses to listen on; none: all of the machine, IPv4 and IPv6. */
  readonly addresses: readonly string[]
  /** 0 takes a free port. */
  readonly port: number
  /** Front processes; 1: this process is its own front. */
  readonly fronts: number
  /** More HTTPS ports, each for some services alone. */
  readonly servicePorts?: readonly ServicePort[]
  readonly nosec: NosecDoor
  readonly tls: {
    readonly certificateFile: string
    readonly keyFile: string
    readonly minimumVersion: 'TLSv1.2' | 'TLSv1.3'
    readonly handshakeTimeout: number
  }
  readonly callers: CallersConfiguration
  /** Absent: what headers say of a caller counts nothing. */
  readonly front?: FrontConfiguration
  readonly http: HttpLimits
  readonly health: HealthPolicy
  /** Who may read the metrics at the doors. */
  readonly metrics: { readonly readers: Readers }
  readonly admin: {
    readonly socket: string
    /** The folder that takes uploads. */
    readonly staging: string
    readonly uploadLimit: number
  }
}

/** The plain HTTP door, for open services. */
interface NosecDoor {
  readonly enabled: boolean
  readonly port: number
  readonly addresses: readonly string[]
}

/** How callers are judged. */
interface CallersConfiguration {
  /** The folder that files of identity providers' keys are in. */
  readonly home: string
  readonly trustDirectory: string
  readonly vomsDirectory: string
  readonly crls: 'require' | 'if-present'
  readonly legacyProxies: boolean
  readonly weakAlgorithms: boolean
  /** Open connections are looked at again after so long, whatever has changed. */
  readonly recheck: number
}

export interface HttpLimits {
  readonly bodyLimit: number
  /** All headers of one request together. */
  readonly headerLimit: number
  /** How many headers one request may have. */
  readonly headerCount: number
  readonly headersTimeout: number
  readonly requestTimeout: number
  readonly keepAliveTimeout: number
  /** From the first byte of a long answer to its last. */
  readonly responseTimeout: number
  /** Bytes of long answers that wait to be read, together. */
  readonly unreadLimit: number
  /** That each door has open at a time. */
  readonly connections: number
  /** From the order to stop to cutting the connections that are still open. */
  readonly drain: number
}

/** The configuration and its token share a name. */
export const TransportConfiguration = Symbol('TransportConfiguration')

/** Whether `text` can stand as the host of an address: a name or an IP address, without a port or brackets. */
export const isHostName = (text: string): boolean =>
  isIP(text) !== 0 || /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62}(?<!-))?(\.[a-z0-9]([a-z0-9-]{0,62}(?<!-))?)*$/i.test(text)
