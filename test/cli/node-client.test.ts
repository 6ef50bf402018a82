import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { NodeClient } from '../../src/cli/node-client.ts'
import { SocketLink } from '../../src/cli/socket-link.ts'
import { Home } from '../../src/store/home.ts'
import { temporaryFolder } from '../support/temporary.ts'

interface Came {
  readonly query: Record<string, string>
  readonly body: string
}

/** A node of which `answer` says what becomes of a deploy. */
async function nodeThat(answer: (came: Came) => { readonly status: number; readonly code?: string }) {
  const root = temporaryFolder()
  const came: Came[] = []
  const take = async (request: IncomingMessage): Promise<Came> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const query = Object.fromEntries(new URL(request.url as string, 'http://x').searchParams)
    return { query, body: Buffer.concat(chunks).toString() }
  }
  const server = createServer(async (request, response) => {
    const one = await take(request)
    came.push(one)
    const { status, code } = answer(one)
    response.writeHead(status).end(JSON.stringify(code === undefined ? { operation: 'o' } : { code, message: 'no' }))
  })
  const { adminSocket } = new Home(root)
  mkdirSync(dirname(adminSocket), { recursive: true })
  await new Promise<void>((resolve) => server.listen(adminSocket, resolve))
  onTestFinished(() => void server.close())
  const file = join(root, 'a.gar')
  writeFileSync(file, 'archive')
  const client = new NodeClient(new SocketLink(root))
  const deploy = () => client.deploy({ file, name: 'a.gar' }, { mode: 'open', lenient: false })
  return { deploy, came, file }
}

describe('an archive for the node of this machine', () => {
  it('stays where it lies', async () => {
    const { deploy, came, file } = await nodeThat(() => ({ status: 202 }))
    await deploy()
    const { dev, ino, size, mtimeNs } = statSync(file, { bigint: true })
    expect(came).toEqual([
      {
        query: { name: 'a.gar', at: file, identity: [dev, ino, size, mtimeNs].join('-'), mode: 'open' },
        body: '',
      },
    ])
  })

  it.each(['DHN_UPLOAD_ELSEWHERE', 'DHN_REQUEST_INVALID'])('is sent when the node says %s', async (code) => {
    const { deploy, came } = await nodeThat(({ query }) => ('at' in query ? { status: 400, code } : { status: 202 }))
    expect(await deploy()).toEqual({ operation: 'o' })
    expect(came[1]).toEqual({ query: { name: 'a.gar', mode: 'open' }, body: 'archive' })
  })

  it('is not sent when the node refuses it for what it is', async () => {
    const { deploy, came } = await nodeThat(() => ({ status: 413, code: 'DHN_UPLOAD_TOO_LARGE' }))
    await expect(deploy()).rejects.toMatchObject({ code: 'DHN_UPLOAD_TOO_LARGE' })
    expect(came).toHaveLength(1)
  })
})
