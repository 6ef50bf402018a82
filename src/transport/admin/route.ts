import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import type { AuditTrail } from '../../container/audit-trail.ts'
import type { HostingNode, Operation } from '../../container/hosting-node.ts'
import type { RefusalBook } from '../../container/refusal-book.ts'
import type { named } from './schemas.ts'

export type SchemaName = keyof typeof named

/** What a route has to work with besides the request. */
export interface AdminContext {
  readonly node: HostingNode
  readonly uploads: Uploads
  /** Whoever asks is the owner of the home, on this machine. */
  readonly isLocal: boolean
  readonly audit: AuditTrail
  readonly refusals: RefusalBook
  /** Asks the node to stop; returns at once. */
  readonly stop: () => void
}

/** Where archives are put that come in with a request. */
export interface Uploads {
  /**
   * Takes the body of a request into a new file and resolves with its path.
   *
   * @throws {UploadTooLarge} @throws {UploadBroken} @throws {UploadNotKept} nothing is left of it
   */
  receive(request: IncomingMessage): Promise<string>
  /**
   * Copies a file of this machine into a new file and resolves with its path.
   *
   * @param identity of the file, as its sender sees it (`fileIdentity`)
   * @throws {UploadElsewhere} it isn't there, or not the same @throws {UploadTooLarge} @throws {UploadNotKept} nothing is left of it
   */
  copy(path: string, identity: string): Promise<string>
  /** Takes away a file that nobody has taken over. */
  discard(file: string): Promise<void>
}

/** What a route gives back: a value as JSON, the reports of an operation one by one, values as lines of JSON, or a text piece by piece. */
export type Answer =
  | { readonly status: 200 | 202; readonly value: unknown }
  | { readonly status: 200; readonly text: AsyncIterable<Uint8Array> }
  | { readonly status: 200; readonly lines: AsyncIterable<unknown> }
  | { readonly status: 200; readonly follow: Operation }

interface Described {
  readonly description: string
  /** One of the schemas, or a list of them, or plain text. */
  readonly schema: SchemaName | readonly [SchemaName] | 'text'
  /** The values come as lines of JSON, one for each change. */
  readonly lines?: true
}

/** One thing that can be asked of the admin API: served, documented and tested from the same table. */
export interface Route {
  readonly verb: 'get' | 'post' | 'delete'
  /** Below `/admin/v1`, with `{name}` where a parameter stands. */
  readonly path: string
  /** The word for it in the audit log; absent for what changes nothing. */
  readonly action?: string
  readonly summary: string
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  /** The request carries an archive. */
  readonly takesArchive?: true
  readonly answers: { readonly [status in 200 | 202]?: Described }
  run(context: AdminContext, input: RouteInput): Promise<Answer> | Answer
}

interface RouteInput {
  readonly params: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  readonly request: IncomingMessage
  /** Aborted when the one who asked has gone away. */
  readonly gone: AbortSignal
}

/** A route whose `run` knows the types of its parameters and of its query. */
export function route<Params extends z.ZodObject, Query extends z.ZodObject>(
  definition: Omit<Route, 'params' | 'query' | 'run'> & {
    readonly params: Params
    readonly query: Query
    run(
      context: AdminContext,
      input: Omit<RouteInput, 'params' | 'query'> & {
        readonly params: z.infer<Params>
        readonly query: z.infer<Query>
      },
    ): Promise<Answer> | Answer
  },
): Route {
  return definition as unknown as Route
}
