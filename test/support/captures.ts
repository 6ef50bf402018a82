import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync, inflateSync } from 'node:zlib'
import { readCredential } from '../../src/security/credential-file.ts'
import { issueCa, issueCrl, issueProxy, issueUser, trustFiles } from '../../src/security/issue.ts'
import { writeTrust } from './own-ca.ts'

const folder = fileURLToPath(new URL('../corpus/dirac-wire/', import.meta.url))

/** The real calls of test/corpus/dirac-wire. */
export const captures: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith('.request.bin'))
  .map((name) => name.slice(0, -'.request.bin'.length))

export const requestOf = (capture: string): Buffer => readFileSync(`${folder}${capture}.request.bin`)
export const responseOf = (capture: string): Buffer => readFileSync(`${folder}${capture}.response.bin`)

/** One response as far as a client goes by it. */
export interface Received {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string>>
  /** Unpacked. */
  readonly body: Buffer
}

/** The whole responses in what came on a connection, interim ones too; what is not whole yet is left out. */
export function responsesIn(bytes: Buffer): readonly Received[] {
  const found: Received[] = []
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n\r\n', at)
    if (end === -1) return found
    const [line = '', ...lines] = bytes.toString('latin1', at, end).split('\r\n')
    const [, status, reason = ''] = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(line) ?? []
    const headers = Object.fromEntries(
      lines.map((one) => [/^[^:]*/.exec(one)?.[0].toLowerCase(), one.replace(/^[^:]*: */, '')]),
    )
    const length = Number(headers['content-length'] ?? 0)
    if (bytes.length < end + 4 + length) return found
    const body = bytes.subarray(end + 4, end + 4 + length)
    found.push({
      status: Number(status),
      reason,
      headers,
      body: headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body,
    })
    at = end + 4 + length
  }
}

/** Who made which call; `ciuser_user` made all others, and `undefined` showed no certificate. */
const credentialOf: Readonly<Record<string, string | undefined>> = {
  ...named('ciuser_admin', 3, 39, 74, 75, 78),
  ...named('ciuser_nogroup', 4, 58, 80),
  ...named('ciuser_limited', 5),
  ...named('HOST', 6, 54, 56),
  ...named('other_badgroup', 42, 43),
  ...named('unknown_user', 44, 45, 47),
  ...named('HOST2', 60, 61),
  ...named('expired', 62),
  ...named(undefined, 96, 97, 98, 99, 116),
}

function named(credential: string | undefined, ...numbers: readonly number[]): Record<string, string | undefined> {
  return Object.fromEntries(numbers.map((number) => [String(number).padStart(3, '0'), credential]))
}

const base = '/C=ch/O=DIRAC/OU=DIRAC CI'
const DAY = 24 * 60 * 60 * 1000

/** The callers of the captures, by the names they had there, made anew by a CA of the same name. */
export interface CaptureCallers {
  /** PEM: certificate, chain and key in one; undefined for the calls of nobody. */
  credentialFor(capture: string): string | undefined
  publish(trust: string): void
}

export function captureCallers(): CaptureCallers {
  const at = Date.now()
  const ca = issueCa({ at, days: 2, keyType: 'ec', name: `${base}/CN=DIRAC CI Signing Certification Authority` })
  const issue = (name: string): string => {
    const { certificatePem, keyPem } = issueUser(ca, { at, days: 1, keyType: 'ec', name: `${base}/CN=${name}` })
    return certificatePem + keyPem
  }
  const proxy = (credential: string, more: { group?: string; limited?: boolean; at?: number } = {}): string =>
    issueProxy(readCredential(credential), { at, hours: 1, keyType: 'ec', ...more }).text
  const user = issue('ciuser')
  const credentials: Readonly<Record<string, string>> = {
    ciuser_user: proxy(user, { group: 'dirac_user' }),
    ciuser_admin: proxy(user, { group: 'dirac_admin' }),
    ciuser_nogroup: proxy(user),
    ciuser_limited: proxy(user, { group: 'dirac_user', limited: true }),
    other_badgroup: proxy(issue('other'), { group: 'dirac_admin' }),
    unknown_user: proxy(issue('unknown'), { group: 'dirac_user' }),
    expired: proxy(user, { group: 'dirac_user', at: at - DAY }),
    HOST: issue('localhost'),
    HOST2: issue('untrusted.host'),
  }
  return {
    credentialFor: (capture) => {
      const number = capture.slice(0, 3)
      const name = number in credentialOf ? credentialOf[number] : 'ciuser_user'
      return name === undefined ? undefined : credentials[name]
    },
    publish: (trust) => writeTrust(trust, trustFiles(ca, issueCrl(ca, { at, days: 1 }))),
  }
}

/** The configuration that the captured configuration service had before the first change, for a service at `address`. */
export function servedConfiguration(address: string): string {
  const [answer] = responsesIn(responseOf('069-cs-getCompressedData'))
  const { Value } = JSON.parse(String(answer?.body)) as { Value: string }
  const text = inflateSync(Buffer.from(Value, 'base64')).toString()
  return text.replace(/MasterServer = .*/, `MasterServer = ${address}\n    Servers = ${address}`)
}

/** The registry and the services' sections behind the captures. */
export const captureConfiguration = `
DIRAC
{
  Setup = DeveloperSetup
  Setups
  {
    DeveloperSetup
    {
      Framework = Dev
      Configuration = Dev
    }
  }
  Configuration
  {
    Master = yes
    Name = PeerTest
    EnableAutoMerge = yes
  }
}
Systems
{
  Configuration
  {
    Dev
    {
      Services
      {
        Server
        {
          Authorization
          {
            Default = authenticated
            commitNewData = CSAdministrator
            rollbackToVersion = CSAdministrator
            getVersionContents = ServiceAdministrator, CSAdministrator
            publishSlaveServer = authenticated
          }
        }
      }
    }
  }
  Framework
  {
    Dev
    {
      Services
      {
        User
        {
          TestOption = fromCS
          TestList = a,b,c
          Authorization
          {
            Default = authenticated
            csDefined = NormalUser
          }
        }
      }
    }
  }
}
Registry
{
  DefaultGroup = dirac_user
  Users
  {
    ciuser
    {
      DN = ${base}/CN=ciuser
    }
    other
    {
      DN = ${base}/CN=other
    }
  }
  Groups
  {
    dirac_user
    {
      Users = ciuser, other
      Properties = NormalUser
    }
    dirac_admin
    {
      Users = ciuser
      Properties = ServiceAdministrator, CSAdministrator, NormalUser
    }
  }
  Hosts
  {
    localhost
    {
      DN = ${base}/CN=localhost
      Properties = TrustedHost, CSAdministrator
    }
    plainhost
    {
      DN = ${base}/CN=untrusted.host
      Properties = JobMonitor
    }
  }
}`

/** The handler behind `/Framework/User`, as a service of dhn. */
export const captureHandler = `
import {
  authorization, convertToReturnValue, Float, HTTPError, PlainDate, RequestHandler, S_ERROR, S_OK, TornadoResponse,
} from 'dhn/service'

class RuntimeError extends Error { name = 'RuntimeError' }

/** What Python would call the value. */
function typeOf(value) {
  if (value === null || value === undefined) return 'NoneType'
  if (value instanceof Date) return 'datetime'
  if (value instanceof PlainDate) return 'date'
  if (value instanceof Uint8Array) return 'bytes'
  if (value instanceof Float) return 'float'
  if (Array.isArray(value)) return 'list'
  return { string: 'str', boolean: 'bool', bigint: 'int', number: Number.isInteger(value) ? 'int' : 'float', object: 'dict' }[typeof value]
}

/** How Python would show it. */
function repr(value) {
  switch (typeOf(value)) {
    case 'NoneType': return 'None'
    case 'bool': return value ? 'True' : 'False'
    case 'str': return "'" + value + "'"
    case 'float': return Number.isInteger(Number(value)) ? value + '.0' : String(value).replace('NaN', 'nan').replace('Infinity', 'inf')
    case 'date': return 'datetime.date(' + [value.year, value.month, value.day].join(', ') + ')'
    case 'datetime': return 'datetime.datetime(' + value.toISOString().split(/[-T:.]/).slice(0, 6).map(Number).join(', ') + ')'
    case 'bytes': return "b'" + [...value].map((byte) => '\\\\x' + byte.toString(16).padStart(2, '0')).join('') + "'"
    case 'list': return '[' + value.map(repr).join(', ') + ']'
    case 'dict': return '{' + Object.entries(value).map(([key, item]) => repr(key) + ': ' + repr(item)).join(', ') + '}'
    default: return String(value)
  }
}

export class Service extends RequestHandler {
  static DEFAULT_AUTHENTICATION = ['SSL', 'JWT']
  static CHECK_ARGUMENTS = true
  static initializeHandler(info) { this.info = info }
  initializeRequest() { this.initialised = true }

  auth_true = ['all']
  export_true() { return S_OK() }
  auth_false = ['all']
  export_false() { return S_ERROR() }
  auth_errmsg = ['all']
  export_errmsg(message) { return S_ERROR(message) }
  auth_errno = ['all']
  export_errno(errno, message) { return S_ERROR(errno, message) }
  auth_convert = ['all']
  export_convert = convertToReturnValue(() => { throw new RuntimeError('converted') })
  auth_noStruct = ['all']
  export_noStruct() { return { just: 'a dict' } }
  auth_str = ['all']
  export_str() { return 'plain text' }
  auth_none = ['all']
  export_none() {}
  auth_list = ['all']
  export_list() { return [1, 2] }
  auth_setValue = ['all']
  export_setValue() { return new Set([1]) }
  auth_raises = ['all']
  export_raises() { throw new RuntimeError('secret detail') }
  auth_http = ['all']
  export_http(status) { throw new HTTPError(status, 'Custom reason') }
  auth_argTypes = ['all']
  export_argTypes(...args) { return S_OK(args.map(typeOf)) }
  auth_reprArgs = ['all']
  export_reprArgs(...args) { return S_OK(args.map(repr)) }
  auth_values = ['all']
  export_values() {
    return S_OK(new Map([
      ['datetime', new Date(Date.UTC(2021, 2, 4, 5, 6, 7, 891))], ['date', new PlainDate(2021, 3, 4)], ['tuple', [1, [2, 'x']]],
      ['bytes', Buffer.from([0, 255, 10])], ['unicode', 'h\\u00e9llo \\u4e2d \\ud83d\\ude00'], ['big', 2n ** 70n], ['negzero', -0],
      ['float', new Float(1e22)], ['flt2', 0.1], ['flt3', new Float(100)], ['none', null], ['t', true], [1, 'int key'],
      [2.5, 'float key'], [null, 'none key'], [false, 'bool key'], ['nested', { a: [{ b: new Date(Date.UTC(1999, 11, 31)) }] }],
      ['nan', Number.NaN], ['inf', Infinity], ['ninf', -Infinity], ['ctrl', 'a\\0b\\x7f\\u2028</script>'],
    ]))
  }
  types_typed = ['int']
  auth_typed = ['all']
  export_typed(value) { return S_OK(value) }
  auth_nobody = ['nobody']
  export_nobody() { return S_OK() }
  auth_admin = ['ServiceAdministrator']
  export_admin() { return S_OK(this.getProperties()) }
  auth_hostOnly = ['TrustedHost']
  export_hostOnly() { return S_OK(this.getUserName()) }
  auth_grp = ['all', 'group:dirac_admin']
  export_grp() { return S_OK() }
  export_authenticated() { return S_OK() }
  export_noAuth() { return S_OK(this.getRemoteCredentials()) }
  export_csDefined() { return S_OK('cs') }
  auth_streamToClient = ['all']
  export_streamToClient(token, size = 0) {
    if (size > 0) return Buffer.from(Array.from({ length: size }, (_, at) => at % 256))
    return Buffer.concat([Buffer.from([...'binary '].map((c) => c.charCodeAt(0)).concat(0, 1, 255)), Buffer.from(' file: ' + token)])
  }
  auth_streamFromClient = ['all']
  export_streamFromClient(fileID, token, size, data) { return S_OK({ fileID, size, type: typeOf(data), len: data.length }) }
}
authorization(['authenticated'])(Service.prototype.export_authenticated)
`
