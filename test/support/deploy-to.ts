import { join } from 'node:path'
import type { DeploymentReport } from '../../src/container/views.ts'
import { askSocket } from './admin.ts'
import { archiveOf, type TestService } from './test-service.ts'

/** Deploys a service, open, at the node of this home over its admin API; resolves with its plain addresses. */
export async function deployTo(home: string, service: TestService): Promise<readonly string[]> {
  const { name, bytes } = archiveOf(service)
  const socket = join(home, 'run', 'admin.sock')
  const begun = await askSocket(socket, 'post', `/admin/v1/deployments?name=${name}&mode=open`, bytes)
  const { operation } = begun.json as { operation: string }
  const { text } = await askSocket(socket, 'get', `/admin/v1/operations/${operation}/events`)
  const report = JSON.parse(text.trim().split('\n').at(-1) as string) as DeploymentReport
  if (report.outcome !== 'done') throw new Error(`not deployed: ${text}`)
  return report.newInstances.flatMap(({ addresses }) => addresses).filter((address) => address.startsWith('http:'))
}
