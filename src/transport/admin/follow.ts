import type { ServerResponse } from 'node:http'
import type { Operation } from '../../container/hosting-node.ts'
import type { DeploymentReport } from '../../container/views.ts'

/**
 * Sends the report of an operation as it stands and after each change, a line of JSON each, and ends with the closed one.
 *
 * A reader who is slower than the changes gets the newest report when it is ready for one: nothing piles up.
 */
export function follow(operation: Operation, response: ServerResponse): void {
  let next: DeploymentReport | undefined
  let full = false
  let stopFollowing = (): void => undefined

  const send = (): void => {
    if (next === undefined || full || response.destroyed) return
    const report = next
    next = undefined
    full = !response.write(`${JSON.stringify(report)}\n`)
    if (report.status === 'CLOSED') response.end()
  }
  const changed = (report: DeploymentReport): void => {
    next = report
    send()
  }

  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
  response.on('drain', () => {
    full = false
    send()
  })
  response.once('close', () => stopFollowing())
  if (operation.report.status !== 'CLOSED') changed(operation.report)
  stopFollowing = operation.follow(changed)
}
