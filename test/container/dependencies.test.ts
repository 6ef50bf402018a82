import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dependencyOrder, findCycle, instanceNameOf } from '../../src/container/dependencies.ts'
import { nodeFacts } from '../../src/container/node-facts.ts'
import { checkRequirements } from '../../src/container/requirements.ts'
import { dependingOn, liveOf, manifestOf, placeService } from '../support/manifests.ts'
import { temporaryFolder } from '../support/temporary.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f']
const graphs = fc
  .array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)), { maxLength: 10 })
  .map((edges) =>
    names.map((name) => {
      const on = edges.filter(([from]) => from === name).map(([, to]) => to)
      return liveOf(manifestOf(name, { dependencies: dependingOn(...on) }))
    }),
  )
const edgesOf = (live: ReturnType<typeof liveOf>[]) =>
  live.flatMap(({ manifest }) => manifest.dependencies.map(({ serviceName }) => [manifest.garId, serviceName] as const))

/** Whether `to` is reached from `from` in one step or more, by walking until nothing new is found. */
function reaches(edges: readonly (readonly [string, string])[], from: string, to: string): boolean {
  const reached = new Set<string>()
  for (let size = -1; size !== reached.size; ) {
    size = reached.size
    for (const [start, end] of edges) if (start === from || reached.has(start)) reached.add(end)
  }
  return reached.has(to)
}

describe('dependencies between services', () => {
  it('put each deployment after those it depends on, the rest by name, and lose none', () => {
    fc.assert(
      fc.property(graphs, (live) => {
        const edges = edgesOf(live)
        const order = dependencyOrder(live).map(({ manifest }) => manifest.garId)
        expect(order.toSorted()).toEqual(names)
        const circular = names.some((name) => reaches(edges, name, name))
        for (const [from, to] of circular ? [] : edges) expect(order.indexOf(to)).toBeLessThan(order.indexOf(from))
        expect(dependencyOrder(live.toReversed()).map(({ manifest }) => manifest.garId)).toEqual(order)
      }),
    )
  })

  it('have a circle exactly where one comes back to itself, and each step of it is a dependency', () => {
    fc.assert(
      fc.property(graphs, (live) => {
        const edges = edgesOf(live)
        for (const { manifest } of live) {
          const cycle = findCycle(manifest, live)
          expect(cycle !== undefined).toBe(reaches(edges, manifest.garId, manifest.garId))
          for (const [index, name] of (cycle ?? []).slice(1).entries()) {
            const step = [cycle?.[index], name].map((each) => each?.replace('Samples/', ''))
            expect(edges).toContainEqual(step)
          }
        }
      }),
    )
  })

  it('name an instance by its profile, else by its first service named System/Service', () => {
    const services = { open: [placeService('plain'), placeService('Samples/Echo'), placeService('Samples/Other')] }
    const { service: _, ...bare } = manifestOf('bare', { services })
    expect(instanceNameOf(bare)).toBe('Samples/Echo')
    expect(instanceNameOf(manifestOf('x', { services }))).toBe('Samples/x')
    expect(instanceNameOf(manifestOf('stubs', { services: {} }))).toBeUndefined()
  })
})

describe('the facts of this node', () => {
  it('meet what any machine meets', async () => {
    const node = await nodeFacts(temporaryFolder(), { JAVA: '1.5' })
    const ask = (category: string, value: string) => ({ category, requirement: '', operator: 'ge' as const, value })
    const checked = checkRequirements(
      [ask('CPU_COUNT', '1'), ask('MEM_RAM_SIZE', '64'), ask('JAVA', '1.4'), ask('DISK_SPACE', '1')],
      node,
    )
    expect(checked.map(({ met }) => met)).toEqual([true, true, true, true])
  })
})
