import { createReadStream, statSync } from 'node:fs'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Mode } from '../archive/archive.ts'
import type { AuditLine } from '../audit/audit-entry.ts'
import type { AuditVerification } from '../audit/verify-audit.ts'
import type { RefusalView } from '../container/refusal-book.ts'
import type {
  DeploymentReport,
  DeploymentView,
  FlightView,
  HistoryView,
  InstanceView,
  NodeView,
  Plan,
  StubsView,
} from '../container/views.ts'
import { type ErrorData, RemoteError } from '../service/errors.ts'
import { fileIdentity } from '../store/file-identity.ts'
import { NodeLost } from './errors.ts'
import { linesOf } from './log/lines-of.ts'
import type { NodeLink } from './node-link.ts'

/** The archive to deploy: a local file that is sent to the node, or an address that the node is asked to fetch. */
export type ArchiveSource = { readonly file: string; readonly name: string } | { readonly url: string }

export interface DeployChoices {
  readonly mode: Mode
  readonly lenient: boolean
}

/** Long work that the node has begun. */
export interface Begun {
  readonly operation: string
}

/** Which part of a log is wanted. */
export interface LogWish {
  readonly follow: boolean
  readonly previous: boolean
  /** ISO 8601, UTC. */
  readonly since: string | undefined
  readonly lines: number | undefined
}

/** Which entries of the audit log are wanted. */
export interface AuditChoice {
  /** ISO 8601, UTC. */
  readonly since: string | undefined
  readonly who: string | undefined
  readonly what: string | undefined
  readonly lines: number | undefined
  readonly follow: boolean
}

interface Sent {
  readonly query?: Readonly<Record<string, string | undefined>>
  /** A file to send as the body. */
  readonly file?: string
  /** Milliseconds to wait for the answer to begin. */
  readonly patience?: number
}

/** Bytes of an archive that is sent: the connection takes them in pieces of its own. */
const readAtOnce = 1024 * 1024
/** Milliseconds for an answer that needs no work. */
const promptly = 30_000

/**
 * A node, spoken to over its admin API: what a `HostingNode` can do, from another process.
 *
 * Every method rejects with what its link has to say, or NodeLost, when there is no node to answer, and with a RemoteError
 * that carries the node's own code when it refuses.
 */
export class NodeClient {
  constructor(private readonly link: NodeLink) {}

  view(patience?: number): Promise<NodeView> {
    return this.#json('GET', '/node', patience === undefined ? {} : { patience })
  }
  /** Resolves with the node as it is when it begins to stop. */
  stop(): Promise<NodeView> {
    return this.#json('POST', '/node/stop')
  }
  list(): Promise<readonly DeploymentView[]> {
    return this.#json('GET', '/deployments')
  }
  show(garId: string): Promise<DeploymentView> {
    return this.#json('GET', `/deployments/${encodeURIComponent(garId)}`)
  }
  history(garId: string): Promise<HistoryView> {
    return this.#json('GET', `/deployments/${encodeURIComponent(garId)}/history`)
  }
  /** Resolves when the whole archive is in the node's hands. */
  deploy(source: ArchiveSource, choices: DeployChoices): Promise<Begun> {
    return this.#sendArchive(source, choices, {})
  }
  planDeploy(source: ArchiveSource, choices: DeployChoices): Promise<Plan> {
    return this.#sendArchive(source, choices, { dryRun: 'true' })
  }
  undeploy(garId: string): Promise<Begun> {
    return this.#json('DELETE', `/deployments/${encodeURIComponent(garId)}`)
  }
  planUndeploy(garId: string): Promise<Plan> {
    return this.#json('DELETE', `/deployments/${encodeURIComponent(garId)}`, { query: { dryRun: 'true' } })
  }
  rollback(garId: string): Promise<Begun> {
    return this.#json('POST', `/deployments/${encodeURIComponent(garId)}/rollback`)
  }
  planRollback(garId: string): Promise<Plan> {
    return this.#json('POST', `/deployments/${encodeURIComponent(garId)}/rollback`, { query: { dryRun: 'true' } })
  }
  operations(): Promise<readonly DeploymentReport[]> {
    return this.#json('GET', '/operations')
  }
  operation(id: string): Promise<DeploymentReport> {
    return this.#json('GET', `/operations/${encodeURIComponent(id)}`)
  }
  instances(all: boolean): Promise<readonly InstanceView[]> {
    return this.#json('GET', '/instances', { query: { all: all ? 'true' : undefined } })
  }
  instance(name: string, lastLines = 0): Promise<InstanceView> {
    const log = lastLines === 0 ? undefined : String(lastLines)
    return this.#json('GET', `/instances/${encodeURIComponent(name)}`, { query: { log } })
  }
  /** Resolves when it is ready or failed again. */
  enable(name: string, patience: number): Promise<InstanceView> {
    return this.#json('POST', `/instances/${encodeURIComponent(name)}/enable`, { patience })
  }
  /** Resolves when it is disabled. */
  disable(name: string, patience: number): Promise<InstanceView> {
    return this.#json('POST', `/instances/${encodeURIComponent(name)}/disable`, { patience })
  }
  restart(name: string): Promise<Begun> {
    return this.#json('POST', `/instances/${encodeURIComponent(name)}/restart`)
  }
  stubs(): Promise<readonly StubsView[]> {
    return this.#json('GET', '/stubs')
  }

  /** The reports of an operation as it goes on; the last one is CLOSED. */
  async *follow(id: string, signal: AbortSignal): AsyncGenerator<DeploymentReport> {
    const answer = await this.#send(
      'GET',
      `/operations/${encodeURIComponent(id)}/events`,
      { patience: promptly },
      signal,
    )
    let closed = false
    try {
      for await (const line of createInterface({ input: answer })) {
        if (line.trim() === '') continue
        const report = JSON.parse(line) as DeploymentReport
        closed = report.status === 'CLOSED'
        yield report
        if (closed) return
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw this.#lost(error)
    } finally {
      answer.destroy()
    }
    if (!closed) throw new NodeLost(this.link, `ended while operation ${id} was open`)
  }

  refusal(id: string): Promise<RefusalView> {
    return this.#json('GET', `/refusals/${encodeURIComponent(id)}`)
  }
  refusals(count: number): Promise<readonly RefusalView[]> {
    return this.#json('GET', '/refusals', { query: { count: String(count) } })
  }
  /** The entries of the audit log, the oldest first. */
  async *audit({ lines, follow, ...choice }: AuditChoice): AsyncGenerator<AuditLine> {
    const query = { ...choice, follow: String(follow), lines: lines === undefined ? undefined : String(lines) }
    for await (const line of this.#lines('/audit', query)) yield JSON.parse(line) as AuditLine
  }
  verifyAudit(): Promise<AuditVerification> {
    return this.#json('GET', '/audit/verification')
  }

  flight(name: string): Promise<FlightView> {
    return this.#json('GET', `/instances/${encodeURIComponent(name)}/flight`)
  }
  /** The lines of an instance's log; they end with the log, or with the node when they are followed. */
  async *log(name: string, { follow, previous, since, lines }: LogWish): AsyncGenerator<string> {
    const query = {
      follow: String(follow),
      previous: String(previous),
      since,
      lines: lines === undefined ? undefined : String(lines),
    }
    yield* this.#lines(`/instances/${encodeURIComponent(name)}/log`, query)
  }

  async *#lines(path: string, query: NonNullable<Sent['query']>): AsyncGenerator<string> {
    const answer = await this.#send('GET', path, { query })
    try {
      yield* linesOf(answer)
    } catch (error) {
      throw this.#lost(error)
    } finally {
      answer.destroy()
    }
  }

  async #sendArchive<Answer>(
    source: ArchiveSource,
    { mode, lenient }: DeployChoices,
    choices: Record<string, string>,
  ): Promise<Answer> {
    const all = { ...choices, mode, lenient: lenient ? 'true' : undefined }
    const post = (query: Sent['query'], file?: string): Promise<Answer> =>
      this.#json('POST', '/deployments', {
        query: { ...query, ...all },
        patience: 10 * promptly,
        ...(file === undefined ? {} : { file }),
      })
    if ('url' in source) return post({ url: source.url })
    const { file, name } = source
    const seen = await this.#seenByBoth(file)
    if (seen === undefined) return post({ name }, file)
    return post({ name, ...seen }).catch((error: unknown) => {
      if (error instanceof RemoteError && notTaken.has(error.code)) return post({ name }, file)
      throw error
    })
  }

  /** A node on this machine may take an archive from where it lies, which spares both the sending. */
  async #seenByBoth(file: string): Promise<{ readonly at: string; readonly identity: string } | undefined> {
    if (!this.link.isLocal) return undefined
    const identity = await fileIdentity(file).catch(() => undefined)
    return identity === undefined ? undefined : { at: resolve(file), identity }
  }

  async #json<Answer>(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    const answer = await this.#send(method, path, sent)
    const body = await text(answer).catch((error: unknown) => Promise.reject(this.#lost(error)))
    return JSON.parse(body) as Answer
  }

  /** Sends one request on a connection of its own and resolves with a good answer, its body unread. */
  async #send(method: string, path: string, sent: Sent, signal?: AbortSignal): Promise<IncomingMessage> {
    const query = new URLSearchParams(
      Object.entries(sent.query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined),
    )
    const request = await this.link.request({
      method,
      path: `/admin/v1${path}${query.size === 0 ? '' : `?${query}`}`,
      headers:
        sent.file === undefined
          ? { 'content-type': 'application/json', 'content-length': 0 }
          : { 'content-type': 'application/octet-stream', 'content-length': statSync(sent.file).size },
      ...(signal === undefined ? {} : { signal }),
    })
    const answer = await this.#answerTo(request, sent)
    if (!isRefusal(answer)) return answer
    const refusal = errorIn(await text(answer).catch(() => ''), answer.statusCode ?? 0)
    request.destroy()
    throw new RemoteError(refusal)
  }

  #answerTo(request: ClientRequest, { file, patience = promptly }: Sent): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const body = file === undefined ? undefined : createReadStream(file, { highWaterMark: readAtOnce })
      const impatient = setTimeout(() => {
        reject(new NodeLost(this.link, `gave no answer within ${patience / 1000} s`))
        request.destroy()
      }, patience)
      const failed = (error: unknown) => {
        clearTimeout(impatient)
        reject(error)
      }
      request.once('response', (answer) => {
        clearTimeout(impatient)
        // A node that refuses an upload answers before it has read all of it: the rest needn't be sent.
        if (isRefusal(answer)) body?.unpipe().destroy()
        resolve(answer)
      })
      request.on('error', (error) => failed(this.#lost(error)))
      body?.once('error', (error) => {
        failed(error)
        request.destroy()
      })
      if (body === undefined) request.end()
      else body.pipe(request)
    })
  }

  #lost(error: unknown): unknown {
    const problem = error as NodeJS.ErrnoException
    if (problem.code === 'ABORT_ERR') return error
    return (
      this.link.noNode(problem) ?? new NodeLost(this.link, `closed the connection (${problem.code ?? String(error)})`)
    )
  }
}

/** The node sees another file system than its caller, or is of an older version that knows of no such thing. */
const notTaken = new Set(['DHN_UPLOAD_ELSEWHERE', 'DHN_REQUEST_INVALID'])

const isRefusal = ({ statusCode = 500 }: IncomingMessage): boolean => statusCode >= 400

async function text(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** The node's own words, or the status when what answered isn't the admin API. */
function errorIn(body: string, status: number): ErrorData {
  try {
    const data = JSON.parse(body) as Partial<ErrorData> & { readonly error?: ErrorData }
    const found = data.error ?? data
    if (typeof found.code === 'string' && typeof found.message === 'string') return found as ErrorData
  } catch {
    // Not JSON: said below.
  }
  return { code: 'DHN_NODE_LOST', message: `the node answered ${status} without saying why` }
}
