import { lookup } from 'node:dns/promises'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { get as httpsGet } from 'node:https'
import { BlockList, isIP } from 'node:net'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DhnError } from '../service/errors.ts'

/** What may be fetched. A node without such a policy fetches nothing. */
export interface UrlPolicy {
  readonly schemes: readonly ('http' | 'https')[]
  /** Host names or addresses as they stand in the URL; `*` is every host with a public address. */
  readonly hosts: readonly string[]
  readonly longest: number
  /** Milliseconds for the whole download. */
  readonly timeLimit: number
}

export class UrlNotAllowed extends DhnError {
  readonly code = 'DHN_URL_NOT_ALLOWED'
  constructor(
    readonly url: string,
    readonly reason: string,
  ) {
    super(`the archive is not fetched from ${url}: ${reason}`, {
      next: 'download it and deploy the file, or allow its host in etc/dhn.cfg, section /DHN/DeployFromURL',
    })
  }
}

export class DownloadFailed extends DhnError {
  readonly code = 'DHN_DOWNLOAD_FAILED'
  constructor(
    readonly url: string,
    readonly reason: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(`the archive could not be fetched from ${url}: ${reason}`, {
      ...options,
      next: 'check the address, or download it and deploy the file',
    })
  }
}

/**
 * Fetches an archive into `file` (which must not exist) and returns the file name that its URL ends with.
 *
 * The host is resolved once and that address is the one connected to, so that a name can't point elsewhere between the
 * check and the connection. Redirects aren't followed.
 *
 * @throws {UrlNotAllowed} there is no policy, or it doesn't allow this; nothing was connected to
 * @throws {DownloadFailed} the server answered otherwise than with the file; nothing is left of it
 */
export async function fetchArchive(address: string, policy: UrlPolicy | undefined, file: string): Promise<string> {
  const url = parsed(address)
  if (policy === undefined) throw new UrlNotAllowed(shown(url), 'this node deploys from no URL')
  checkAllowed(url, policy)
  const pinned = await resolved(url, policy)
  try {
    const signal = AbortSignal.timeout(policy.timeLimit)
    const response = await answer(url, pinned, signal)
    await pipeline(
      response,
      atMost(policy.longest, shown(url)),
      createWriteStream(file, { flags: 'wx', mode: 0o600 }),
      { signal },
    )
  } catch (error) {
    await rm(file, { force: true })
    if (error instanceof DhnError) throw error
    const reason =
      (error as Error).name === 'TimeoutError' || (error as NodeJS.ErrnoException).code === 'ABORT_ERR'
        ? `it took longer than ${policy.timeLimit} ms`
        : (error as Error).message
    throw new DownloadFailed(shown(url), reason, { cause: error })
  }
  return url.pathname.split('/').at(-1) as string
}

function parsed(address: string): URL {
  if (!URL.canParse(address)) throw new UrlNotAllowed('there', 'that is not a URL')
  return new URL(address)
}

function checkAllowed(url: URL, policy: UrlPolicy): void {
  const refuse = (reason: string): never => {
    throw new UrlNotAllowed(shown(url), reason)
  }
  const scheme = url.protocol.slice(0, -1)
  if (!policy.schemes.some((each) => each === scheme)) refuse(`${scheme}: is not allowed`)
  if (url.username !== '' || url.password !== '') refuse('it holds credentials')
  if (!policy.hosts.includes('*') && !isListed(url, policy)) refuse(`the host ${url.hostname} is not allowed`)
  if (!/^[\w.+~-]+$/.test(url.pathname.split('/').at(-1) ?? '')) refuse('its path does not end with a file name')
}

const isListed = (url: URL, policy: UrlPolicy): boolean =>
  policy.hosts.some((host) => host.toLowerCase() === url.hostname)

/** Never the query or the credentials: they may be secrets, and this goes into reports. */
const shown = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`

/** The one address that is connected to. A host that is listed by its name may be anywhere, all others must be public. */
async function resolved(url: URL, policy: UrlPolicy): Promise<{ address: string; family: number }> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  let found: { address: string; family: number }[]
  try {
    found = await lookup(host, { all: true })
  } catch (error) {
    throw new DownloadFailed(shown(url), `the host ${host} can't be resolved`, { cause: error })
  }
  const hidden = found.find(({ address }) => !isPublic(address))
  if (hidden !== undefined && !isListed(url, policy)) {
    throw new UrlNotAllowed(shown(url), `the host ${host} is at ${hidden.address}, which is not a public address`)
  }
  const first = found[0]
  if (first === undefined) throw new DownloadFailed(shown(url), `the host ${host} has no address`)
  return first
}

const notPublic = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv4')
}
/** All of IPv6 that isn't global unicast, and the parts of it that carry an IPv4 address inside. */
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')
for (const [network, prefix] of [
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv6')
}

function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !notPublic.check(address, 'ipv4')
  return globalUnicast.check(address, 'ipv6') && !notPublic.check(address, 'ipv6')
}

function answer(
  url: URL,
  pinned: { readonly address: string; readonly family: number },
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const get = url.protocol === 'https:' ? httpsGet : httpGet
    const request = get(
      url,
      {
        signal,
        agent: false,
        // `autoSelectFamily` asks for all addresses: there is only the one that was checked.
        lookup: (_host, options, found) => {
          if (options.all) found(null, [{ address: pinned.address, family: pinned.family }])
          else found(null, pinned.address, pinned.family)
        },
      },
      (response) => {
        if (response.statusCode === 200) return resolve(response)
        response.destroy()
        reject(new DownloadFailed(shown(url), `the server answered ${response.statusCode}`))
      },
    )
    request.on('error', reject)
  })
}

function atMost(longest: number, url: string): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      bytes += chunk.length
      if (bytes > longest) pass(new DownloadFailed(url, `it is longer than ${longest} bytes`))
      else pass(null, chunk)
    },
  })
}
