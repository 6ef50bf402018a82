import { describe, expect, it } from 'vitest'
import type { LiveDeployment } from '../../src/container/dependencies.ts'
import type { Manifest } from '../../src/container/manifest.ts'
import { type DeployWish, planDeploy, planRollback, planUndeploy, stubsAfter } from '../../src/container/plan.ts'
import type { VersionRecord } from '../../src/store/records.ts'
import { carried, dependingOn, liveOf, manifestOf, needed, placeService } from '../support/manifests.ts'

const node = { facts: { 'OperatingSystem.Name': 'Linux', 'MainMemory.RAMSize': 4096 }, labels: { JAVA: '1.5' } }
const deploy = (manifest: Manifest, change: Partial<DeployWish> = {}) =>
  planDeploy({ manifest, problems: [], live: [], held: [], mode: 'open', node, ...change })
const codes = (plan: { readonly errors: readonly { readonly code: string }[] }) => plan.errors.map(({ code }) => code)

/** Deploys one after another, so that what is held comes about as it does in life. */
function deployed(...manifests: Manifest[]) {
  return manifests.reduce<{ live: LiveDeployment[]; held: ReturnType<typeof stubsAfter> }>(
    (now, manifest) => ({
      held: stubsAfter(now, manifest),
      live: [...now.live.filter(({ record }) => record.garId !== manifest.garId), liveOf(manifest)],
    }),
    { live: [], held: [] },
  )
}

describe('the plan of a deploy', () => {
  it('of something new brings its stubs, waits for its dependencies and restarts nothing', () => {
    const manifest = manifestOf('tally', { carries: [carried('stubs', '1.0')], dependencies: dependingOn('counter') })
    expect(deploy(manifest, deployed(manifestOf('echo')))).toEqual({
      outcome: 'changes',
      type: 'deploy',
      garId: 'tally',
      to: { version: '1.0', digest: 'tally-1', mode: 'open' },
      stubs: [{ package: 'Samples/Counter/stubs', version: '1.0', action: 'add', users: 1 }],
      restarts: [],
      waitsFor: ['Samples/counter'],
      requirements: [],
      unprotected: ['Samples/tally/*'],
      errors: [],
      problems: [],
    })
  })

  it('of what is live already changes nothing; in the other mode it does', () => {
    const now = deployed(manifestOf('echo'))
    expect(deploy(manifestOf('echo'), now)).toMatchObject({ outcome: 'unchanged', from: { number: 1, mode: 'open' } })
    expect(deploy(manifestOf('echo'), { ...now, mode: 'secure' })).toMatchObject({
      outcome: 'changes',
      from: { mode: 'open' },
      to: { mode: 'secure' },
      unprotected: [],
    })
  })

  it('is impossible where several processes are asked for by name of a service that is not stateless', () => {
    const instances = { otherwise: 4, of: new Map([['echo', 2]]) }
    const refused = deploy(manifestOf('echo'), { instances })
    expect([refused.outcome, codes(refused)]).toEqual(['impossible', ['DHN_NOT_STATELESS']])
    expect(deploy(manifestOf('echo', { stateless: true }), { instances }).outcome).toBe('changes')
    expect(deploy(manifestOf('counter'), { instances }).outcome).toBe('changes')
  })

  it('names the operations that nothing protects any more', () => {
    const manifest = manifestOf('echo', {
      services: {
        secure: [placeService('Samples/Echo', ['echo', 'shout']), placeService('Samples/Admin')],
        open: [placeService('Samples/Echo')],
      },
    })
    expect(deploy(manifest).unprotected).toEqual(['Samples/Echo/echo', 'Samples/Echo/shout'])
    expect(deploy(manifestOf('echo', { services: { open: [placeService('A/B')] } })).unprotected).toEqual([])
  })

  it('keeps a version that another uses beside the new one, and removes it with its last user', () => {
    const user = manifestOf('tally', { needs: [needed('stubs', '1.0')] })
    const now = deployed(manifestOf('counter', { carries: [carried('stubs', '1.0')] }), user)
    const next = manifestOf('counter', { digest: 'counter-2', carries: [carried('stubs', '1.1')] })
    expect(deploy(next, now)).toMatchObject({
      stubs: [
        { version: '1.0', action: 'keep', users: 1 },
        { version: '1.1', action: 'add', users: 1 },
      ],
      restarts: [],
    })
    const both = deployed(...now.live.map(({ manifest }) => manifest), next)
    expect(planUndeploy({ ...both, garId: 'tally' }).stubs).toEqual([
      { package: 'Samples/Counter/stubs', version: '1.0', action: 'remove', users: 0 },
    ])
  })

  it('that replaces stubs restarts their users only, in the order of their dependencies', () => {
    const needs = [needed('stubs', '1.0')]
    const now = deployed(
      manifestOf('counter', { carries: [carried('stubs', '1.0')] }),
      manifestOf('a-first-by-name', { needs, dependencies: dependingOn('z-first-by-dependency') }),
      manifestOf('z-first-by-dependency', { needs }),
      manifestOf('unrelated'),
      manifestOf('library-only', { needs, services: {} }),
    )
    const next = manifestOf('counter', { digest: 'counter-2', carries: [carried('stubs', '1.0', 'other')] })
    expect(deploy(next, now)).toMatchObject({
      outcome: 'changes',
      stubs: [{ version: '1.0', action: 'replace', users: 4 }],
      restarts: ['z-first-by-dependency', 'a-first-by-name'],
    })
  })

  it('restarts one whose range a newer version falls into', () => {
    const now = deployed(
      manifestOf('counter', { carries: [carried('stubs', '1.0')] }),
      manifestOf('ranged', { needs: [needed('stubs', '^1.0')] }),
      manifestOf('exact', { needs: [needed('stubs', '1.0')] }),
    )
    const next = manifestOf('counter', { digest: 'counter-2', carries: [carried('stubs', '1.1')] })
    expect(deploy(next, now).restarts).toEqual(['ranged'])
  })

  it('is impossible without stubs that must be there, and possible without optional ones', () => {
    const plan = deploy(manifestOf('tally', { needs: [needed('stubs', '2.0'), needed('extra', '1.0', true)] }), {
      held: [carried('stubs', '1.0')],
      live: [liveOf(manifestOf('counter', { carries: [carried('stubs', '1.0')] }))],
    })
    expect(plan).toMatchObject({
      outcome: 'impossible',
      errors: [
        {
          code: 'DHN_STUBS_MISSING',
          message: 'it needs Samples/Counter/stubs 2.0, and here is 1.0',
          facts: { packageName: 'Samples/Counter/stubs', version: '2.0', held: ['1.0'] },
        },
      ],
    })
  })

  it('takes the Main package of a deployed service for a dependency on it', () => {
    const service = { serviceClass: 'Samples', serviceName: 'Counter', mainPackage: { name: 'main', version: '1.0' } }
    const now = deployed(manifestOf('counter', { service }))
    expect(deploy(manifestOf('tally', { needs: [needed('main', '1.0')] }), now).outcome).toBe('changes')
    expect(codes(deploy(manifestOf('tally', { needs: [needed('main', '1.0')] })))).toEqual(['DHN_STUBS_MISSING'])
  })

  it('is impossible when two packages are imported under one name', () => {
    const carries = [carried('stubs', '1.0'), { ...carried('other', '2.0'), importName: 'stubs' }]
    const plan = deploy(manifestOf('tally', { carries }))
    expect(plan.errors[0]?.message).toBe(
      'Samples/Counter/other 2.0 and Samples/Counter/stubs 1.0 are both imported as stubs',
    )
  })

  it('is impossible on a node that does not meet a requirement', () => {
    const plan = deploy(
      manifestOf('echo', {
        requirements: [
          { category: 'MainMemory', requirement: 'RAMSize', operator: 'ge', value: '8192' },
          { category: 'OperatingSystem', requirement: 'Name', operator: 'eq', value: 'linux' },
        ],
      }),
    )
    expect(plan).toMatchObject({
      outcome: 'impossible',
      requirements: [
        { text: 'MainMemory RAMSize ge 8192', met: false, actual: '4096' },
        { text: 'OperatingSystem Name eq linux', met: true, actual: 'Linux' },
      ],
    })
    expect(plan.errors[0]?.message).toBe('this node does not meet: MainMemory RAMSize ge 8192 (it has 4096)')
  })

  it('is impossible when it closes a circle of services, and names it', () => {
    const now = deployed(
      manifestOf('a', { dependencies: dependingOn('b') }),
      manifestOf('b', { dependencies: dependingOn('c') }),
    )
    const plan = deploy(manifestOf('c', { dependencies: dependingOn('x', 'a') }), now)
    expect(plan.errors).toMatchObject([
      { code: 'DHN_DEPENDENCY_CYCLE', facts: { cycle: ['Samples/c', 'Samples/a', 'Samples/b', 'Samples/c'] } },
    ])
    expect(codes(deploy(manifestOf('self', { dependencies: dependingOn('self') })))).toEqual(['DHN_DEPENDENCY_CYCLE'])
  })

  it('is impossible when another deployment has the address or the name', () => {
    const now = deployed(manifestOf('echo'))
    const services = { open: [placeService('Samples/echo')] }
    const other = { serviceClass: 'Samples', serviceName: 'other' }
    expect(codes(deploy(manifestOf('copy', { services, service: other }), now))).toEqual(['DHN_ADDRESS_TAKEN'])
    const same = { serviceClass: 'Samples', serviceName: 'echo' }
    expect(codes(deploy(manifestOf('copy', { service: same }), now))).toEqual(['DHN_RI_NAME_TAKEN'])
    expect(codes(deploy(manifestOf('stubs', { service: same, services: {} }), now))).toEqual([])
    expect(codes(deploy(manifestOf('x', { service: { serviceClass: 'Sampl', serviceName: 'esecho' } }), now))).toEqual(
      [],
    )
  })

  it('never takes the other descriptor instead', () => {
    const services = [placeService('Samples/echo')]
    const open = deploy(manifestOf('echo', { services: { open: services } }), { mode: 'secure' })
    const secure = deploy(manifestOf('echo', { services: { secure: services } }), { mode: 'open' })
    expect([codes(open), codes(secure)]).toEqual([['DHN_DESCRIPTOR_MISSING'], ['DHN_DESCRIPTOR_MISSING']])
    expect(open.errors[0]?.next).toContain('--nosec')
  })

  it('needs no descriptor for an archive of packages only', () => {
    expect(deploy(manifestOf('stubs', { services: {}, carries: [carried('stubs', '1.0')] })).outcome).toBe('changes')
  })

  it('is impossible with a problem of level error, shows the others, and tells every error at once', () => {
    const problems = [
      { level: 'warning', code: 'odd', message: 'odd' },
      { level: 'error', code: 'java-class', message: 'a Java service', file: 'etc/deploy-server.wsdd' },
    ] as const
    const plan = deploy(manifestOf('echo', { needs: [needed('stubs', '1.0')] }), { problems })
    expect(codes(plan)).toEqual(['DHN_ARCHIVE_NOT_DEPLOYABLE', 'DHN_STUBS_MISSING'])
    expect(plan.errors[0]?.message).toBe('etc/deploy-server.wsdd: a Java service')
    expect(plan.problems).toEqual(problems)
    expect(deploy(manifestOf('echo'), { problems: problems.slice(0, 1) }).outcome).toBe('changes')
  })
})

describe('the plan of an undeploy', () => {
  it('keeps the stubs that came with it while another uses them', () => {
    const now = deployed(
      manifestOf('counter', { carries: [carried('stubs', '1.0'), carried('own', '1.0')] }),
      manifestOf('tally', { needs: [needed('stubs', '1.0')] }),
    )
    expect(planUndeploy({ ...now, garId: 'counter' })).toMatchObject({
      outcome: 'changes',
      type: 'undeploy',
      from: { number: 1, version: '1.0', digest: 'counter-1', mode: 'open' },
      stubs: [
        { package: 'Samples/Counter/own', action: 'remove', users: 0 },
        { package: 'Samples/Counter/stubs', action: 'keep', users: 1 },
      ],
      restarts: [],
    })
  })

  it('is impossible for what is not deployed', () => {
    expect(codes(planUndeploy({ ...deployed(), garId: 'echo' }))).toEqual(['DHN_DEPLOYMENT_UNKNOWN'])
  })
})

describe('the plan of a rollback', () => {
  const version: VersionRecord = {
    garId: 'echo',
    number: 1,
    digest: 'echo-1',
    mode: 'secure',
    version: '1.0',
    archive: 'echo.gar',
    verdict: 'ready',
    at: '2026-01-02T03:04:05.678Z',
    operation: 'o',
  }

  it('deploys the earlier version in the mode it had, with its stubs', () => {
    const target = { version, manifest: manifestOf('echo', { carries: [carried('stubs', '1.0')] }) }
    const now = deployed(manifestOf('echo', { digest: 'echo-2', version: '2.0', carries: [carried('stubs', '2.0')] }))
    expect(planRollback({ ...now, garId: 'echo', target, node })).toMatchObject({
      outcome: 'changes',
      type: 'rollback',
      from: { version: '2.0', mode: 'open' },
      to: { version: '1.0', digest: 'echo-1', mode: 'secure' },
      stubs: [
        { version: '1.0', action: 'add', users: 1 },
        { version: '2.0', action: 'remove', users: 0 },
      ],
    })
  })

  it('is impossible without an earlier version that was ready, or without a deployment', () => {
    const wish = { garId: 'echo', target: undefined, node }
    expect(codes(planRollback({ ...wish, ...deployed(manifestOf('echo')) }))).toEqual(['DHN_NO_EARLIER_VERSION'])
    expect(codes(planRollback({ ...wish, ...deployed() }))).toEqual(['DHN_DEPLOYMENT_UNKNOWN'])
  })
})
