import { mkdirSync, writeFileSync } from 'node:fs'
import type { OutgoingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { onTestFinished } from 'vitest'
import type { AuditTrail } from '../../src/container/audit-trail.ts'
import { Home } from '../../src/store/home.ts'
import type { FrontConfiguration } from '../../src/transport/trusted-front.ts'
import type { Answered } from './admin.ts'
import { dispatcherFor, newDoors, recordingLog, transportConfiguration } from './doors.ts'
import { FakeNode } from './fake-node.ts'
import { auditFor, authorizationFor } from './gatekeeper.ts'
import { type OwnCa, ownCa } from './own-ca.ts'
import { temporaryFolder } from './temporary.ts'

export interface AskAs {
  /** PEM: certificate, chain and key in one. */
  readonly credential?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string
}

export interface RemoteAdminDoors {
  readonly node: FakeNode
  readonly ca: OwnCa
  /** The trust directory of the node. */
  readonly trust: string
  readonly audit: AuditTrail
  /** Such as `https://localhost:43211`. */
  readonly https: string
  readonly http: string
  ask(verb: string, path: string, as?: AskAs): Promise<Answered>
  /** Writes `etc/dhn.cfg` anew, and has it read. */
  configure(text: string): void
}

/** Doors on free ports whose node trusts a CA of its own; `cfg` of the CA is its configuration. */
export async function remoteAdmin(
  cfg: (ca: OwnCa) => string,
  frontOf?: (ca: OwnCa) => FrontConfiguration,
): Promise<RemoteAdminDoors> {
  const ca = ownCa()
  const trust = temporaryFolder()
  ca.publish(trust)
  const home = new Home(temporaryFolder())
  mkdirSync(home.etc())
  const authorization = authorizationFor(home)
  const configure = (text: string): void => {
    writeFileSync(home.etc('dhn.cfg'), text)
    authorization.refresh()
  }
  configure(cfg(ca))
  const front = frontOf?.(ca)
  const configuration = await transportConfiguration({ drain: 100 }, front === undefined ? {} : { front })
  const callers = { ...configuration.callers, trustDirectory: trust }
  const node = new FakeNode()
  const audit = auditFor(home)
  const doors = newDoors({ ...configuration, callers }, dispatcherFor(), recordingLog(), node, authorization, audit)
  await doors.start()
  onTestFinished(async () => {
    await doors.stop()
  })
  const [https = '', http = ''] = doors.addresses
  return { node, ca, trust, audit, https, http, configure, ask: (verb, path, as) => askSecurely(https, verb, path, as) }
}

function askSecurely(
  base: string,
  verb: string,
  path: string,
  { credential, headers = {}, body = '' }: AskAs = {},
): Promise<Answered> {
  const shown = credential === undefined ? {} : { cert: credential, key: credential }
  const type = verb === 'post' ? { 'content-type': 'application/json' } : {}
  const options = { method: verb.toUpperCase(), rejectUnauthorized: false, agent: false, ...shown } as const
  return new Promise((resolve, reject) => {
    const asked = request(
      `${base}${path}`,
      { ...options, headers: { ...type, ...headers } as OutgoingHttpHeaders },
      (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.once('end', () => {
          const isJson = response.headers['content-type']?.startsWith('application/json')
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: isJson && text !== '' ? JSON.parse(text) : undefined,
          })
        })
      },
    )
    asked.once('error', reject).end(body)
  })
}
