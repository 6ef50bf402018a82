import { mkdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './temporary.ts'

/** What an admin API says at one address: a value to send as JSON, or the answer in its own hands. */
export type Says = object | ((request: IncomingMessage, response: ServerResponse) => void)

export interface FakeAdmin {
  readonly home: string
  /** `GET /admin/v1/node`, in the order of arrival. */
  readonly asked: string[]
}

/**
 * Something that listens on a home's admin socket and says what it is told to: for what a real node can't be made to say
 * at will, such as nothing at all.
 */
export async function fakeAdmin(says: Readonly<Record<string, Says>>): Promise<FakeAdmin> {
  const home = temporaryFolder()
  const asked: string[] = []
  mkdirSync(join(home, 'etc'))
  mkdirSync(join(home, 'run'))
  const server = createServer((request, response) => {
    const what = `${request.method} ${request.url?.replace('/admin/v1', '')}`
    if (/[?&]at=/.test(what)) {
      // As of a node that sees another file system: what is faked is an upload.
      response.writeHead(409).end('{"code":"DHN_UPLOAD_ELSEWHERE","message":"it is not here"}')
      return
    }
    asked.push(what)
    const answer = says[what]
    if (typeof answer === 'function') return answer(request, response)
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? { code: 'DHN_NOT_FAKED', message: `nobody said what ${what} gives` }))
  })
  await new Promise<void>((resolve) => server.listen(join(home, 'run', 'admin.sock'), resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { home, asked }
}
