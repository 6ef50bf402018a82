import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { type Agent, request } from 'node:https'
import { join } from 'node:path'
import { type ComposedNode, compose } from '../../src/compose.ts'
import { initializeHome, readConfiguration } from '../../src/config.ts'
import type { DeploymentReport } from '../../src/container/views.ts'
import { askSocket } from './admin.ts'
import type { OwnCa } from './own-ca.ts'
import { temporaryFolder } from './temporary.ts'
import { archiveOf, type TestService } from './test-service.ts'

export interface Said {
  readonly status: number
  readonly value: unknown
  readonly message: string | undefined
  /** The id of a refusal. */
  readonly request?: string
}

export interface CallAs {
  /** PEM: certificate, chain and key in one. */
  readonly credential?: string
  readonly agent?: Agent
  readonly headers?: Readonly<Record<string, string>>
  readonly extraCredentials?: unknown
}

export interface NodeWithCallers {
  readonly composed: ComposedNode
  readonly home: string
  readonly trust: string
  readonly https: string
  readonly http: string
  /** What was logged, newest last. */
  log(): readonly Record<string, unknown>[]
  deploy(service: TestService, mode: 'secure' | 'open'): Promise<DeploymentReport>
  call(path: string, method: string, as?: CallAs): Promise<Said>
  /** Adds to `etc/dhn.cfg`, or writes another end. */
  configure(text: string): void
  stop(): Promise<void>
}

/**
 * A whole node that trusts `ca` and the CAs in `trusted`, with `cfg` after its own configuration, and the VOMS servers of
 * `ca` and `voms`.
 */
export async function nodeWithCallers(
  trusted: string | undefined,
  ca: Pick<OwnCa, 'publish'> & Partial<Pick<OwnCa, 'publishVoms'>>,
  cfg = '',
  voms?: string,
  fronts = 1,
): Promise<NodeWithCallers> {
  const home = join(temporaryFolder(), 'h')
  await initializeHome(home)
  const trust = join(home, 'etc/grid-security/certificates')
  if (trusted !== undefined) cpSync(trusted, trust, { recursive: true, dereference: true })
  ca.publish(trust)
  const vomsDirectory = join(home, 'etc/grid-security/vomsdir')
  if (voms !== undefined) cpSync(voms, vomsDirectory, { recursive: true })
  ca.publishVoms?.(vomsDirectory)
  const file = join(home, 'etc/dhn.cfg')
  const shipped = readFileSync(file, 'utf8')
  const configure = (text: string): void => writeFileSync(file, `${shipped}\n${text}\n`)
  configure(cfg)
  const { transport, ...configuration } = readConfiguration(home)
  const composed = await compose(
    { ...configuration, transport: { ...transport, fronts } },
    { port: 0, nosec: true, nosecPort: 0 },
  )
  const [https = '', http = ''] = (await composed.start()).addresses
  const socket = join(home, 'run', 'admin.sock')
  return {
    home,
    composed,
    stop: () => composed.stop(),
    trust,
    https,
    http,
    configure,
    log: () =>
      readFileSync(join(home, 'var/log/node.log'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    async deploy(service, mode) {
      const { name, bytes } = archiveOf(service)
      const begun = await askSocket(socket, 'post', `/admin/v1/deployments?name=${name}&mode=${mode}`, bytes)
      const { operation } = begun.json as { operation: string }
      const { text } = await askSocket(socket, 'get', `/admin/v1/operations/${operation}/events`)
      return JSON.parse(text.trim().split('\n').at(-1) as string) as DeploymentReport
    },
    call: (path, method, as) => callSecurely(`${https}${path}`, method, as),
  }
}

function callSecurely(
  address: string,
  method: string,
  { credential, agent, headers = {}, extraCredentials }: CallAs = {},
): Promise<Said> {
  const extra = extraCredentials === undefined ? {} : { extraCredentials: JSON.stringify(extraCredentials) }
  const body = new URLSearchParams({ method, args: '[]', ...extra }).toString()
  const shown = credential === undefined ? {} : { cert: credential, key: credential }
  const options = { method: 'POST', rejectUnauthorized: false, agent: agent ?? false, ...shown } as const
  return new Promise((resolve, reject) => {
    const head = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length, ...headers }
    const asked = request(address, { ...options, headers: head }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.once('end', () => {
        const answer = JSON.parse(text) as { Value?: unknown; Message?: string }
        const request = response.headers['x-request-id'] as string | undefined
        const said = { status: response.statusCode ?? 0, value: answer.Value, message: answer.Message }
        resolve(request === undefined ? said : { ...said, request })
      })
    })
    asked.once('error', reject).end(body)
  })
}
