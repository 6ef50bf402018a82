import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Dispatcher } from '../../src/container/dispatcher.ts'
import { EndpointTable } from '../../src/container/endpoints.ts'
import type { RefusalBook } from '../../src/container/refusal-book.ts'
import type { HttpLimits } from '../../src/transport/configuration.ts'
import { FrontServer } from '../../src/transport/fronts/front-server.ts'
import { HandedDoor } from '../../src/transport/fronts/handed-door.ts'
import { newToken } from '../../src/transport/fronts/handed-request.ts'
import { listening } from '../../src/transport/listener.ts'
import { Refuser } from '../../src/transport/refuser.ts'
import { requestHandler } from '../../src/transport/request-handler.ts'
import { UnreadAnswers } from '../../src/transport/unread-answers.ts'
import { dispatcherFor, pagesFor, recordingLog, transportConfiguration } from './doors.ts'
import { authorizationFor, gatekeeperFor } from './gatekeeper.ts'
import { temporaryFolder } from './temporary.ts'

/**
 * A front before a node, both in this process: the front knows no service and hands everything on. Resolves with its plain
 * HTTP port.
 */
export async function openFront(
  dispatcher = dispatcherFor(),
  http: Partial<HttpLimits> = {},
  refusals?: RefusalBook,
): Promise<number> {
  const configuration = await transportConfiguration(http)
  const { bodyLimit, headerCount, keepAliveTimeout, responseTimeout, unreadLimit } = configuration.http
  const log = recordingLog()
  const { pages, callers } = pagesFor(configuration, dispatcher, log)
  const handler = requestHandler({
    dispatcher,
    callers,
    pages: pages.handler,
    bodyLimit,
    headerCount: headerCount + 1,
    unread: new UnreadAnswers({ idle: keepAliveTimeout, whole: responseTimeout, unread: unreadLimit }),
    isDraining: () => false,
    refuser: new Refuser(dispatcher, callers, configuration.http.requestTimeout),
    failed: (error) => log.error({ err: error }, 'a request could not be handled'),
  })
  const to = { socket: join(temporaryFolder(), 'front.sock'), token: newToken() }
  const handed = new HandedDoor(to.socket, to.token, handler, () => undefined)
  await handed.open()
  const authorization = authorizationFor()
  const nothing = new Dispatcher(new EndpointTable(), gatekeeperFor(authorization, log, refusals))
  const front = new FrontServer(configuration, nothing, callers, authorization, to, log)
  await front.start()
  const port = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => front.take('http', socket))
  await listening(port, { port: 0, host: '127.0.0.1' })
  onTestFinished(async () => {
    port.close()
    await front.shut(100)
    await handed.shut(100)
  })
  return (port.address() as AddressInfo).port
}
