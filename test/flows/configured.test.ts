import { expect, it } from 'vitest'
import { described, garId } from '../support/described.ts'
import { startNode } from '../support/node.ts'

it('a service of the configuration alone runs as others do, and has nothing to undeploy or roll back', async () => {
  const { home, module } = described()
  const { node, call, store } = await startNode({ home })
  expect(await call('/Samples/Echo', 'version')).toMatchObject({ status: 200, value: 1 })
  expect(node.instance('Samples/Echo')).toMatchObject({
    garId,
    state: 'ready',
    mode: 'secure',
    isolation: 'process',
    addresses: ['https://localhost:8443/Samples/Echo'],
  })
  expect(node.list()).toMatchObject([
    { garId, archive: module, configured: `/Systems/Samples/Services/Echo in ${home.etc('dhn.cfg')}, line 4` },
  ])
  expect(store.deployments()).toEqual([])
  const refused = expect.objectContaining({ code: 'DHN_SERVICE_CONFIGURED', garId })
  for (const asked of ['undeploy', 'planUndeploy', 'rollback', 'planRollback', 'history'] as const) {
    expect(() => node[asked](garId), asked).toThrow(refused)
  }
})
