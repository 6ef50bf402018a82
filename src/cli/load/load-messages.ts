import type { TlsOptions } from '../../client/open-connection.ts'
import type { HistogramData } from './histogram.ts'

/** What a process of the load is to do. */
export interface LoadOrder {
  readonly url: string
  /** Fields of the header that are the same for every call, each with its line end. */
  readonly headers: string
  readonly form: string
  readonly connections: number
  /** Moments, ms since 1970: all processes begin and end together. */
  readonly begin: number
  readonly end: number
  /** Milliseconds over which its connections are opened, one after another. */
  readonly ramp: number
  /** Milliseconds until a call is given up. */
  readonly timeout: number
  /** Absent for plain HTTP. */
  readonly tls?: TlsOptions
}

/** What a process found in one second. */
export interface LoadSecond {
  /** From 0. */
  readonly second: number
  /** Connections that are open at its end. */
  readonly open: number
  /** Of calls that were answered with S_OK. */
  readonly times: HistogramData
  /** Calls that were not, by what happened instead. */
  readonly errors: Readonly<Record<string, number>>
}

export type LoadMessage = { readonly second: LoadSecond } | { readonly done: true }
