import { existsSync, readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fetchArchive, type UrlPolicy } from '../../src/container/fetch-archive.ts'
import { temporaryFolder } from '../support/temporary.ts'

const policy = (more: Partial<UrlPolicy> = {}): UrlPolicy => ({
  schemes: ['http', 'https'],
  hosts: ['*'],
  longest: 1000,
  timeLimit: 5000,
  ...more,
})

async function server(listener: RequestListener): Promise<{ base: string; connections: () => number; server: Server }> {
  let connections = 0
  const made = createServer(listener)
  made.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void made.close().closeAllConnections())
  return {
    base: `http://127.0.0.1:${(made.address() as AddressInfo).port}`,
    connections: () => connections,
    server: made,
  }
}

describe('an archive from a URL', () => {
  it('is fetched where its host is listed', async () => {
    const { base } = await server((_, response) => response.end('archive'))
    const file = join(temporaryFolder(), 'fetched')
    expect(await fetchArchive(`${base}/some/echo.gar?token=x`, policy({ hosts: ['127.0.0.1'] }), file)).toBe('echo.gar')
    expect(readFileSync(file, 'utf8')).toBe('archive')
  })

  it('is never fetched without a policy', async () => {
    const { base, connections } = await server((_, response) => response.end('archive'))
    const file = join(temporaryFolder(), 'fetched')
    await expect(fetchArchive(`${base}/echo.gar`, undefined, file)).rejects.toMatchObject({
      code: 'DHN_URL_NOT_ALLOWED',
      message: expect.stringContaining('this node deploys from no URL'),
    })
    expect(connections()).toBe(0)
  })

  it('is never fetched from an address that is not public, however it is written', async () => {
    const { base, connections } = await server((_, response) => response.end('archive'))
    const port = new URL(base).port
    const file = join(temporaryFolder(), 'fetched')
    const hosts = [
      '127.0.0.1',
      'localhost',
      '127.1',
      '0177.0.0.1',
      '0x7f.0.0.1',
      '2130706433',
      '0.0.0.0',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      '[fe80::1]',
      '[fc00::1]',
      '[ff02::1]',
      '10.0.0.1',
      '100.64.0.1',
      '169.254.169.254',
      '172.16.0.1',
      '192.168.1.1',
      '198.18.0.1',
      '224.0.0.1',
      '255.255.255.255',
    ]
    for (const host of hosts) {
      const refused = fetchArchive(`http://${host}:${port}/echo.gar`, policy(), file)
      await expect(refused, host).rejects.toMatchObject({ code: 'DHN_URL_NOT_ALLOWED' })
    }
    expect(connections()).toBe(0)
  })

  it.each([
    ['file:///etc/passwd', 'file:'],
    ['gopher://example.org/x.gar', 'gopher:'],
    ['http://user:secret@127.0.0.1/x.gar', 'credentials'],
    ['http://127.0.0.1/folder/', 'file name'],
    ['http://127.0.0.1/..%2fx.gar', 'file name'],
    ['http://elsewhere.example/x.gar', 'elsewhere.example'],
    ['no url', 'not a URL'],
  ])('%s is refused', async (url, why) => {
    const file = join(temporaryFolder(), 'fetched')
    const refused = await fetchArchive(url, policy({ hosts: ['127.0.0.1'] }), file).catch((error: Error) => error)
    expect(refused).toMatchObject({ code: 'DHN_URL_NOT_ALLOWED', message: expect.stringContaining(why) })
    expect((refused as Error).message).not.toContain('secret')
    expect(existsSync(file)).toBe(false)
  })

  it.each<[string, RequestListener, RegExp]>([
    [
      'a redirect',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1/x.gar' }).end(),
      /answered 302/,
    ],
    ['an error page', (_, response) => response.writeHead(404).end('no'), /answered 404/],
    ['too long a body', (_, response) => response.end(Buffer.alloc(2000)), /longer than 1000 bytes/],
    ['a body without end', (_, response) => void response.write('x'), /longer than 300 ms/],
    ['a connection that breaks', (_, response) => void response.socket?.destroy(), /could not be fetched/],
  ])('%s fails, and leaves nothing', async (_what, listener, message) => {
    const { base } = await server(listener)
    const file = join(temporaryFolder(), 'fetched')
    const failed = fetchArchive(`${base}/echo.gar`, policy({ hosts: ['127.0.0.1'], timeLimit: 300 }), file)
    await expect(failed).rejects.toMatchObject({ code: 'DHN_DOWNLOAD_FAILED', message: expect.stringMatching(message) })
    expect(existsSync(file)).toBe(false)
  })
})
