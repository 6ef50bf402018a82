import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LiveDeployment } from '../../src/container/dependencies.ts'
import type { Manifest } from '../../src/container/manifest.ts'
import { planDeploy, planRollback, planUndeploy, stubsAfter } from '../../src/container/plan.ts'
import { holdStubs, linksOf, stubsInUse } from '../../src/container/stubs.ts'
import type { Plan } from '../../src/container/views.ts'
import type { StubsRecord, VersionRecord } from '../../src/store/records.ts'
import { carried, liveOf, manifestOf, needed } from '../support/manifests.ts'

describe('stubs', () => {
  const counter = manifestOf('counter', { carries: [carried('stubs', '1.0')], needs: [needed('stubs', '1.0')] })
  const tally = manifestOf('tally', { needs: [needed('stubs', '1.0')] })

  it('have users for what they carry and what they depend on', () => {
    const live = [tally, counter, manifestOf('echo')].map((manifest) => liveOf(manifest))
    expect(stubsInUse(live, [carried('stubs', '1.0')])).toEqual([
      {
        package: 'Samples/Counter/stubs',
        version: '1.0',
        digest: 'stubs-1.0',
        users: [
          { garId: 'counter', because: ['carries', 'depends'] },
          { garId: 'tally', because: ['depends'] },
        ],
      },
    ])
  })

  it('are linked by import name, in the digest that is held now', () => {
    expect(linksOf(counter, [carried('stubs', '1.0', 'replaced')])).toEqual([carried('stubs', '1.0', 'replaced')])
  })

  it('that an archive carries are the ones that it depends on, whatever version its profile names', () => {
    const self = manifestOf('self', { carries: [carried('stubs', '3.1')], needs: [needed('stubs', '1.0')] })
    const held = holdStubs([self, counter], [], [carried('stubs', '1.0'), carried('stubs', '3.1')])
    expect(linksOf(self, held).map(({ version }) => version)).toEqual(['3.1'])
  })

  it('are not held for an optional dependency that nothing satisfies, and are for one that something does', () => {
    const optional = manifestOf('o', { needs: [needed('stubs', '1.0', true)] })
    expect(holdStubs([optional], [])).toEqual([])
    expect(holdStubs([optional], [carried('stubs', '1.0')])).toHaveLength(1)
  })
})

// A naive model, written apart: what is on the shelf, and a table of which wish takes which version.

const versions = ['1.0', '1.1', '2.0']
const takes: Record<string, string[]> = {
  '1.0': ['1.0'],
  '1.1.0': ['1.1'],
  '^1.0': ['1.1', '1.0'],
  '*': ['2.0', '1.1', '1.0'],
  '[1.1,2.0]': ['2.0', '1.1'],
  '3.0': [],
}

type Shelf = Map<string, string>
interface Model {
  readonly live: Map<string, { readonly manifest: Manifest; readonly ready: Manifest[] }>
  shelf: Shelf
}

/** What a manifest uses of a shelf: `package version` to why. */
function naiveUses(manifest: Manifest, shelf: Shelf): Map<string, Set<string>> {
  const uses = new Map<string, Set<string>>()
  const use = (key: string, why: string) => uses.set(key, (uses.get(key) ?? new Set()).add(why))
  const own = manifest.carries.map((stubs) => `${stubs.package} ${stubs.version}`)
  for (const key of own) use(key, 'carries')
  for (const need of manifest.needs) {
    const at = (version: string) => `Samples/Counter/${need.packageName} ${version}`
    const mine = versions.map(at).filter((key) => own.includes(key))
    const wanted = (takes[need.version] as string[]).map(at)
    const pool = mine.length > 0 ? mine : [...shelf.keys()]
    const found = wanted.find((key) => pool.includes(key)) ?? mine.at(-1)
    if (found !== undefined) use(found, 'depends')
  }
  return uses
}
const naiveLinks = (manifest: Manifest, shelf: Shelf) =>
  [...naiveUses(manifest, shelf).keys()].sort().map((key) => `${key} ${shelf.get(key)}`)
const missing = (manifest: Manifest, shelf: Shelf) =>
  manifest.needs.some(
    (need) =>
      !need.optional &&
      !(takes[need.version] as string[]).some((version) =>
        shelf.has(`Samples/Counter/${need.packageName} ${version}`),
      ) &&
      !manifest.carries.some((stubs) => stubs.package === `Samples/Counter/${need.packageName}`),
  )
function swept(shelf: Shelf, manifests: readonly Manifest[]): Shelf {
  const used = new Set(manifests.flatMap((manifest) => [...naiveUses(manifest, shelf).keys()]))
  return new Map([...shelf].filter(([key]) => used.has(key)))
}

const names = ['stubs', 'library']
const manifests = fc
  .record({
    garId: fc.constantFrom('a', 'b', 'c', 'd'),
    carries: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom(...names),
        version: fc.constantFrom(...versions),
        digest: fc.constantFrom('x', 'y'),
      }),
      { selector: ({ name, version }) => `${name} ${version}`, maxLength: 3 },
    ),
    needs: fc.array(
      fc.record({
        name: fc.constantFrom(...names),
        version: fc.constantFrom(...Object.keys(takes)),
        optional: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
    salt: fc.nat(3),
  })
  .map(({ garId, carries, needs, salt }) =>
    manifestOf(garId, {
      digest: JSON.stringify([carries, needs, salt]),
      // Each version imported under a name of its own: clashing names have a test of their own.
      carries: carries.map(({ name, version, digest }) => ({
        ...carried(name, version, digest),
        importName: `${name}-${version}`,
      })),
      needs: needs.map(({ name, version, optional }) => needed(name, version, optional)),
    }),
  )
type Operation =
  | { readonly type: 'deploy'; readonly manifest: Manifest }
  | { readonly type: 'undeploy' | 'rollback'; readonly garId: string }
/** `again`: deploy what is live. */
type Drawn = Operation | { readonly type: 'again'; readonly garId: string }
const operations: fc.Arbitrary<Drawn[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: manifests.map((manifest) => ({ type: 'deploy', manifest }) as const) },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constantFrom('undeploy' as const, 'rollback' as const, 'again' as const),
        garId: fc.constantFrom('a', 'b', 'c', 'd'),
      }),
    },
  ),
  { minLength: 5, maxLength: 25 },
)

const node = { facts: {}, labels: {} }
const versionOf = (manifest: Manifest, number: number): VersionRecord => ({
  garId: manifest.garId,
  number,
  digest: manifest.digest,
  mode: 'open',
  version: '',
  archive: '',
  verdict: 'ready',
  at: '',
  operation: '',
})

describe('stubs over any sequence of deploys, upgrades, rollbacks and undeploys', () => {
  it('have the users that a naive model says, go with the last one, and change as the plan says', () => {
    const seen = { changes: 0, unchanged: 0, impossible: 0, restarts: 0, replaced: 0, removed: 0 }
    fc.assert(
      fc.property(operations, (sequence) => {
        let live: LiveDeployment[] = []
        let held: StubsRecord[] = []
        const model: Model = { live: new Map(), shelf: new Map() }
        for (const drawn of sequence) {
          const again = drawn.type === 'again' ? model.live.get(drawn.garId)?.manifest : undefined
          if (drawn.type === 'again' && again === undefined) continue
          const operation = again === undefined ? (drawn as Operation) : ({ type: 'deploy', manifest: again } as const)
          const garId = operation.type === 'deploy' ? operation.manifest.garId : operation.garId
          const earlier = model.live.get(garId)
          const back = earlier?.ready.at(-1)
          const manifest =
            operation.type === 'deploy' ? operation.manifest : operation.type === 'rollback' ? back : undefined
          const plan: Plan =
            operation.type === 'deploy'
              ? planDeploy({ manifest: operation.manifest, problems: [], live, held, mode: 'open', node })
              : operation.type === 'undeploy'
                ? planUndeploy({ garId, live, held })
                : planRollback({
                    garId,
                    live,
                    held,
                    target: back && { version: versionOf(back, 1), manifest: back },
                    node,
                  })
          seen[plan.outcome]++

          // The model: put what is brought on the shelf, then take away what nobody uses.
          const others = [...model.live.values()]
            .map((entry) => entry.manifest)
            .filter((other) => other.garId !== garId)
          const shelf: Shelf = new Map(model.shelf)
          for (const { package: name, version, digest } of manifest?.carries ?? [])
            shelf.set(`${name} ${version}`, digest)
          const possible = operation.type === 'undeploy' ? earlier !== undefined : manifest && !missing(manifest, shelf)
          const same = manifest !== undefined && earlier?.manifest.digest === manifest.digest
          expect(plan.outcome).toBe(same ? 'unchanged' : possible ? 'changes' : 'impossible')
          if (plan.outcome !== 'changes') continue
          const after = swept(shelf, manifest === undefined ? others : [...others, manifest])

          // The plan says what changes on the shelf, and who imports something else.
          const changed = (action: string) =>
            plan.stubs.filter((stubs) => stubs.action === action).map((stubs) => `${stubs.package} ${stubs.version}`)
          expect(changed('add')).toEqual([...after.keys()].filter((key) => !model.shelf.has(key)).sort())
          expect(changed('remove')).toEqual([...model.shelf.keys()].filter((key) => !after.has(key)).sort())
          const replaced = [...after].filter(([key, digest]) => (model.shelf.get(key) ?? digest) !== digest)
          expect(changed('replace')).toEqual(replaced.map(([key]) => key).sort())
          const moved = others.filter((other) => `${naiveLinks(other, model.shelf)}` !== `${naiveLinks(other, after)}`)
          expect([...plan.restarts].sort()).toEqual(moved.map((other) => other.garId).sort())
          seen.restarts += moved.length
          seen.replaced += replaced.length
          seen.removed += changed('remove').length

          // Applied, it is so.
          held = stubsAfter({ live, held }, manifest ?? garId)
          live = live.filter(({ record }) => record.garId !== garId)
          model.shelf = after
          model.live.delete(garId)
          if (manifest !== undefined) {
            live.push(liveOf(manifest))
            const ready =
              operation.type === 'rollback'
                ? earlier?.ready.slice(0, -1)
                : earlier && [...earlier.ready, earlier.manifest]
            model.live.set(garId, { manifest, ready: ready ?? [] })
          }
          expect(Object.fromEntries(held.map((stubs) => [`${stubs.package} ${stubs.version}`, stubs.digest]))).toEqual(
            Object.fromEntries(after),
          )
          for (const { package: name, version, users } of stubsInUse(live, held)) {
            const naive = [...model.live]
              .map(([id, entry]) => [id, naiveUses(entry.manifest, after).get(`${name} ${version}`)] as const)
              .filter(([, why]) => why !== undefined)
              .map(([id, why]) => ({ garId: id, because: [...(why ?? [])].sort() }))
              .sort((a, b) => (a.garId < b.garId ? -1 : 1))
            expect(users).toEqual(naive)
            expect(users.length).toBeGreaterThan(0)
            const planned = plan.stubs.find((stubs) => stubs.package === name && stubs.version === version)
            if (planned !== undefined) expect(planned.users).toBe(users.length)
          }
          // Nobody who is deployed misses what it had.
          for (const { manifest: other } of live) expect(missing(other, after)).toBe(false)
        }
      }),
      { numRuns: 300 },
    )
    // The sequences did try everything.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50)
  })
})
