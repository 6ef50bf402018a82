import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { inflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { isSection } from '../../src/cfg/cfg.ts'
import { cfgJson } from '../../src/cfg/cfg-json.ts'
import { parseCfg } from '../../src/cfg/parse-cfg.ts'
import { jdecode } from '../../src/rpc/jencode/decode.ts'
import { jencode } from '../../src/rpc/jencode/encode.ts'
import { type NodeWithCallers, nodeWithCallers } from '../support/callers.ts'
import {
  type CaptureCallers,
  captureCallers,
  captureConfiguration,
  captureHandler,
  captures,
  type Received,
  requestOf,
  responseOf,
  responsesIn,
  servedConfiguration,
} from '../support/captures.ts'
import { commandLine } from '../support/command-line.ts'
import { root } from '../support/dhn.ts'
import { temporaryFolder } from '../support/temporary.ts'

/** What is answered otherwise than DIRAC did, besides what `expectSame` says of all errors: status, and why. */
const otherwise: Readonly<Record<string, readonly [number, string]>> = {
  '041-group-restriction-after-mutation': [401, 'a group restriction holds for every call, not for the first alone'],
  '062-expired-proxy': [401, 'the handshake is finished, so that the caller learns why'],
  '109-raw-old-field-procedure': [200, 'the older name of the field is understood'],
}

/** Bodies of good answers that say something else, and why. */
const otherWords: Readonly<Record<string, string>> = {
  '075-cs-commitNewData-stale': 'the refusal names the version that it would need for merging',
  '078-cs-getVersionContents': 'the version that is asked for was made when the capture was',
}

/** Of what is no call a person is told in a line of text. */
const isPage = (capture: string): boolean => requestOf(capture).includes('GET / ')

let node: NodeWithCallers
let callers: CaptureCallers

beforeAll(async () => {
  callers = captureCallers()
  node = await nodeWithCallers(undefined, callers, captureConfiguration)
  const deployed = await node.deploy(
    { service: 'Framework/User', files: { 'lib/test/Service.js': captureHandler } },
    'secure',
  )
  expect(deployed).toMatchObject({ outcome: 'done' })
  await deployConfiguration()
  return () => node.stop()
}, 120_000)

/** The configuration service of gar/, which begins with the configuration that the captured one had. */
async function deployConfiguration(): Promise<void> {
  const [id, out] = ['org_diligentproject_configuration', temporaryFolder()]
  const state = join(node.home, 'var', 'state', id)
  mkdirSync(state, { recursive: true })
  writeFileSync(join(state, 'PeerTest.cfg'), servedConfiguration(`${node.https}/Configuration/Server`))
  const profile = join(root, 'profiles', 'configuration.xml')
  const done = { code: 0 }
  expect(
    await commandLine(['pack', join(root, 'gar', 'configuration'), '--profile', profile, '--out', out]),
  ).toMatchObject(done)
  expect(await commandLine(['deploy', join(out, `${id}.tar.gz`)], { home: node.home })).toMatchObject(done)
}

/** Sends a captured request as it is, and returns as many responses as are expected. */
function replay(capture: string, count: number): Promise<readonly Received[]> {
  const credential = callers.credentialFor(capture)
  const shown = credential === undefined ? {} : { cert: credential, key: credential }
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(new URL(node.https).port), rejectUnauthorized: false, ...shown })
    let bytes = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      const responses = responsesIn(bytes)
      if (responses.length < count) return
      socket.destroy()
      resolve(responses)
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`closed after ${bytes}`)))
    socket.write(requestOf(capture))
  })
}

/** What differs from run to run, by key, and how such values look. */
const changing: Readonly<Record<string, RegExp>> = {
  version: /^"[\w.]+"$/,
  time: /^\{"__dCls": "dt", "obj": "[\d: -]+"\}$/,
  'host uptime': /^\d+$/,
  'service start time': /^\{"__dCls": "dt", "obj": "[\d: -]+"\}$/,
  'service uptime': /^\d+$/,
  load: /^"[\d.]+ [\d.]+ [\d.]+"$/,
  'user time': /^\d+\.\d+$/,
  'system time': /^\d+\.\d+$/,
  'children user time': /^\d+\.\d+$/,
  'children system time': /^\d+\.\d+$/,
  'elapsed real time': /^\d+\.\d+$/,
  secondsLeft: /^\d+$/,
}

const isVersion = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/
const isPacked = /^eN[\w+/=]{100,}$/

/** What a compressed configuration has, apart from what its server says of itself. */
function namesIn(bytes: Buffer): readonly string[] {
  const { entries } = parseCfg(inflateSync(bytes).toString(), 'captured')
  return [...entries].map(([name, entry]) =>
    isSection(entry) && name !== 'DIRAC' ? `${name} ${cfgJson(entry)}` : name,
  )
}

/** The text of a body, the same for the same values in the same order: what changes is replaced by its key. */
function comparable(body: Buffer): string {
  return jencode(replaced(jdecode(body.toString()))).replace(/(?<=CN=)\d{3,}/g, 'number')
}

function replaced(value: unknown): unknown {
  if (typeof value === 'string' && isVersion.test(value)) return '<version>'
  if (typeof value === 'string' && isPacked.test(value)) return namesIn(Buffer.from(value, 'base64'))
  if (Array.isArray(value)) return value.map(replaced)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value).map(([key, item]) => {
    const form = changing[key]
    if (form === undefined) return [key, replaced(item)] as const
    expect(jencode(item)).toMatch(form)
    return [key, `<${key}>`] as const
  })
  return new Map(entries)
}

/** Errors have DIRAC's status and reason, and an S_ERROR instead of its page: its older and newer clients read both. */
function expectSame(answer: Received, captured: Received, sameBody: boolean): void {
  expect([answer.status, answer.reason]).toEqual([
    captured.status,
    captured.reason.replace(/^\(Continue\)$/, 'Continue'),
  ])
  if (captured.status === 100) return
  expect(answer.headers.connection).toBe(captured.headers.connection === 'close' ? 'close' : 'keep-alive')
  expect(answer.headers['content-length']).toMatch(/^\d+$/)
  if (captured.status >= 400) {
    expectError(answer)
    return
  }
  expect(answer.headers['content-type']).toBe(captured.headers['content-type'])
  expect(answer.headers['content-encoding']).toBe(captured.headers['content-encoding'])
  if (answer.headers['content-encoding'] !== undefined) expect(answer.headers.vary).toBe('Accept-Encoding')
  if (!sameBody) return
  if (answer.headers['content-type'] === 'application/json')
    expect(comparable(answer.body)).toBe(comparable(captured.body))
  else expect(answer.body).toEqual(captured.body)
}

function expectError({ headers, body, status }: Received): void {
  expect(headers['content-type']).toMatch(/^application\/json(; charset=utf-8)?$/)
  const { OK, Errno, Message } = JSON.parse(body.toString()) as Record<string, unknown>
  const errno = { 401: 1111, 501: 38 }[status] ?? 0
  expect([OK, Errno, typeof Message]).toEqual([false, errno, 'string'])
  expect(Message).not.toContain('secret')
}

describe('the captured request', () => {
  it.each(captures)('%s is answered as DIRAC answered it', async (capture) => {
    const captured = responsesIn(responseOf(capture))
    const answers = await replay(capture, Math.max(1, captured.length))
    const [status] = otherwise[capture] ?? []
    if (status !== undefined) {
      expect([answers[0]?.status, captured[0]?.status === status]).toEqual([status, false])
      if (status >= 400) expectError(answers[0] as Received)
      return
    }
    expect(answers).toHaveLength(captured.length)
    if (isPage(capture)) expect(answers[0]?.status).toBe(captured[0]?.status)
    else
      for (const [index, one] of captured.entries())
        expectSame(answers[index] as Received, one, !(capture in otherWords))
  })

  it('is one of all 121', () => {
    expect(captures).toHaveLength(121)
  })
})
