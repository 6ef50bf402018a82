import { readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { CfgSection } from '../cfg/cfg.ts'
import { optionAt, valueAt } from '../cfg/options.ts'
import { checkPrivate, readCredential } from '../security/credential-file.ts'
import { writePem } from '../security/pem.ts'
import { type ReturnStructure, S_ERROR, S_OK } from '../service/return-structure.ts'
import type { Surroundings } from './surroundings.ts'

/** Which credential a client is to show. The first of these that is given counts. */
export interface CredentialOptions {
  /** A certificate and its key; `key` may be left out when both are in one file. */
  readonly certificate?: { readonly cert: string; readonly key?: string }
  /** A proxy file. */
  readonly proxyLocation?: string
  /** The text of a proxy file. */
  readonly proxyString?: string
  /** The host certificate; else as `/DIRAC/Security/UseServerCertificate` says. */
  readonly useCertificates?: boolean
  /** A token, or where it is to be had at each call. */
  readonly accessToken?: string | (() => string | Promise<string>)
  /** The token of WLCG's discovery: `BEARER_TOKEN`, `BEARER_TOKEN_FILE`; else as `/DIRAC/Security/UseTokens` says. */
  readonly useAccessToken?: boolean
  /** No credential at all, though there may be a proxy. */
  readonly anonymous?: boolean
}

/** What is shown: a certificate in the handshake, a token in a header, or nothing. */
export interface ShownCredential {
  readonly certificate?: { readonly cert: string; readonly key: string }
  readonly token?: string
  /** DIRAC's clients say so with `extraCredentials`. */
  readonly isHost: boolean
  /** Where it comes from, for people. */
  readonly origin: string
}

const security = '/DIRAC/Security'
const noPermission = 13
const cannotFindProxy = 1101
const cannotReadProxy = 1102
const cannotFindCertificate = 1103
const cannotReadCertificate = 1104

/**
 * The credential as it is now: files are read at each call, as proxies are renewed where they are.
 *
 * Without any option the proxy of `GRID_PROXY_FILE`, of `X509_USER_PROXY`, or the user's default one is shown where it is
 * there; where it isn't, the call goes out without a credential, which open services don't mind.
 */
export async function shownCredential(
  options: CredentialOptions,
  configuration: CfgSection,
  surroundings: Surroundings,
): Promise<ReturnStructure<ShownCredential>> {
  const { certificate, proxyLocation, proxyString, accessToken, anonymous = false } = options
  if (anonymous) return S_OK({ isHost: false, origin: 'nothing' })
  if (certificate !== undefined) return fromFiles(certificate.cert, certificate.key ?? certificate.cert, surroundings)
  if (proxyLocation !== undefined) return fromFiles(proxyLocation, proxyLocation, surroundings)
  if (proxyString !== undefined) return fromText(proxyString, 'proxyString', cannotReadProxy)
  if (options.useCertificates ?? valueAt(configuration, `${security}/UseServerCertificate`, false)) {
    const files = hostFiles(configuration, surroundings)
    if (files === undefined) return S_ERROR(cannotFindCertificate, 'there is no host certificate')
    const read = fromFiles(files.cert, files.key, surroundings)
    return read.OK ? S_OK({ ...read.Value, isHost: true }) : read
  }
  if (accessToken !== undefined) {
    const token = typeof accessToken === 'string' ? accessToken : await accessToken()
    return S_OK({ token, isHost: false, origin: 'accessToken' })
  }
  if (options.useAccessToken ?? wantsToken(configuration, surroundings)) return discoveredToken(surroundings)
  return defaultProxy(surroundings)
}

function defaultProxy({ environment, uid, ...rest }: Surroundings): ReturnStructure<ShownCredential> {
  const { GRID_PROXY_FILE, X509_USER_PROXY } = environment
  const file = [GRID_PROXY_FILE, X509_USER_PROXY, uid === undefined ? undefined : `/tmp/x509up_u${uid}`].find(
    (name) => name !== undefined && isFile(name),
  )
  if (file !== undefined) return fromFiles(file, file, { environment, uid, ...rest })
  const named = GRID_PROXY_FILE ?? X509_USER_PROXY
  // Somebody named one: to go on as nobody instead would hide why he is refused.
  if (named !== undefined) return S_ERROR(cannotFindProxy, `${named} is no file`)
  return S_OK({ isHost: false, origin: 'no proxy found' })
}

function wantsToken(configuration: CfgSection, { environment }: Surroundings): boolean {
  const said = environment.DIRAC_USE_ACCESS_TOKEN
  return said === undefined ? valueAt(configuration, `${security}/UseTokens`, false) : /^(?:y|yes|true)$/i.test(said)
}

function discoveredToken({ environment, uid }: Surroundings): ReturnStructure<ShownCredential> {
  const { BEARER_TOKEN, BEARER_TOKEN_FILE, XDG_RUNTIME_DIR } = environment
  if (BEARER_TOKEN?.trim()) return S_OK({ token: BEARER_TOKEN.trim(), isHost: false, origin: 'BEARER_TOKEN' })
  const places = [BEARER_TOKEN_FILE, XDG_RUNTIME_DIR && `${XDG_RUNTIME_DIR}/bt_u${uid}`, `/tmp/bt_u${uid}`]
  const file = places.find((name) => name !== undefined && isFile(name))
  if (file === undefined) return S_ERROR(1150, 'neither BEARER_TOKEN nor a file of it is there')
  const text = readFileSync(file, 'utf8').trim()
  return S_OK({ token: accessTokenIn(text), isHost: false, origin: file })
}

/** DIRAC keeps tokens as the JSON that the provider sent. */
function accessTokenIn(text: string): string {
  try {
    const { access_token: token } = JSON.parse(text) as { access_token?: unknown }
    return typeof token === 'string' ? token : text
  } catch {
    return text
  }
}

/** Where DIRAC looks for the host's certificate and key; each may come from another place. */
function hostFiles(
  configuration: CfgSection,
  { environment, root }: Surroundings,
): { readonly cert: string; readonly key: string } | undefined {
  const folders = [optionAt(configuration, `${security}/Grid-Security`)?.value, join(root, 'etc', 'grid-security')]
  const find = (type: 'cert' | 'key', variable: string, option: string): string | undefined => {
    const named = environment[variable]
    if (named !== undefined && isFile(named)) return named
    const configured = optionAt(configuration, `${security}/${option}`)?.value
    if (configured !== undefined) return configured
    return ['server', 'host', 'dirac', 'service']
      .flatMap((prefix) => folders.flatMap((folder) => (folder ? [join(folder, `${prefix}${type}.pem`)] : [])))
      .find(isFile)
  }
  const cert = find('cert', 'DIRAC_X509_HOST_CERT', 'CertFile')
  const key = find('key', 'DIRAC_X509_HOST_KEY', 'KeyFile')
  return cert === undefined || key === undefined ? undefined : { cert, key }
}

/** What was read of a pair of files, until one of them changes: keys take long to read. */
const readBefore = new Map<string, { readonly stamp: string; readonly credential: ReturnStructure<ShownCredential> }>()

function fromFiles(cert: string, key: string, { uid }: Surroundings): ReturnStructure<ShownCredential> {
  const errno = cert === key ? cannotReadProxy : cannotReadCertificate
  try {
    const stats = [statSync(cert), statSync(key)] as const
    if (uid !== undefined) checkPrivate(key, stats[1], uid)
    const stamp = stats.map(({ ino, size, mtimeMs, ctimeMs }) => `${ino} ${size} ${mtimeMs} ${ctimeMs}`).join()
    const known = readBefore.get(`${cert}\0${key}`)
    if (known?.stamp === stamp) return known.credential
    const text = readFileSync(cert, 'utf8')
    const whole = cert === key ? text : `${text}\n${readFileSync(key, 'utf8')}`
    const credential = fromText(whole, realpathSync(cert), errno)
    readBefore.set(`${cert}\0${key}`, { stamp, credential })
    return credential
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return S_ERROR(code === 'EACCES' ? noPermission : errno, message.includes(cert) ? message : `${cert}: ${message}`)
  }
}

function fromText(text: string, origin: string, errno: number): ReturnStructure<ShownCredential> {
  try {
    const { chain, keyPem = '' } = readCredential(text, { keyRequired: true })
    const cert = chain.map((der) => writePem('CERTIFICATE', der)).join('')
    return S_OK({ certificate: { cert, key: keyPem }, isHost: false, origin })
  } catch (error) {
    return S_ERROR(errno, `${origin}: ${(error as Error).message}`)
  }
}

const isFile = (name: string): boolean => statSync(name, { throwIfNoEntry: false })?.isFile() ?? false
