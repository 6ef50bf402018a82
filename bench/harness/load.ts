import type { Request } from './server.ts'

/** What one visit of the load found. Latencies are microseconds. */
export interface LoadResult {
  readonly calls: number
  readonly seconds: number
  /** Calls without an answer, or with a status of 400 or more. */
  readonly failed: number
  readonly p50: number
  readonly p99: number
  /** How often each status of 400 or more came, where the load looks at it. */
  readonly statuses: Readonly<Record<string, number>>
}

export interface LoadOptions {
  readonly connections: number
  /** At most so long. */
  readonly seconds: number
  readonly cpu: number
  /** Tells failures apart by status, which costs the load some time of its own. */
  readonly statuses?: boolean
}

export interface Load {
  /** Its connections stand; what came before is in no result. */
  readonly ready: Promise<void>
  /** Ends it early; the result is of what was done. */
  stop(): void
  readonly result: Promise<LoadResult>
}

/** Sends one call again and again on kept connections, from a process of its own. */
export interface LoadGenerator {
  readonly name: string
  start(request: Request, options: LoadOptions): Load
}

/** The line on which a load generator says what it found. */
const marker = 'LOAD '

export function resultIn(output: string): LoadResult {
  const line = output.split('\n').find((each) => each.startsWith(marker))
  if (line === undefined) throw new Error(`the load generator said nothing of use:\n${output.slice(-1000)}`)
  return JSON.parse(line.slice(marker.length)) as LoadResult
}
