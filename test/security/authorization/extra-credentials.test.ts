import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCfg } from '../../../src/cfg/parse-cfg.ts'
import { compileRule } from '../../../src/security/authorization/dirac-rule.ts'
import { decideByDirac } from '../../../src/security/authorization/dirac-rules.ts'
import { Registry } from '../../../src/security/authorization/registry.ts'
import { callerNamed } from '../../support/authorization.ts'

const registry = new Registry(
  parseCfg(`Registry
    {
      Users
      {
        ann
        {
          DN = /O=X/CN=ann
        }
        root
        {
          DN = /O=X/CN=root
        }
      }
      Groups
      {
        users
        {
          Users = ann, root
          Properties = NormalUser
        }
        admins
        {
          Users = root
          Properties = Admin
        }
      }
      Hosts
      {
        trusted
        {
          DN = /O=X/CN=trusted
          Properties = TrustedHost, Admin
        }
        plain
        {
          DN = /O=X/CN=plain
          Properties = JobMonitor
        }
      }
    }`),
)
const place = { kind: 'service', where: 'auth_m of T' } as const
const rules = [['Admin'], ['TrustedHost'], ['all'], ['authenticated'], ['group:admins'], ['all', 'group:admins']].map(
  (entries) => compileRule(entries, place, registry),
)

/** What would be worth having. */
const prizes = ['/O=X/CN=root', '/O=X/CN=trusted', 'admins', 'hosts', 'TrustedHost', 'Admin', 'root', 'visitor']
const shape = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<unknown>(...prizes),
    fc.constantFrom<unknown>(null, true, false, 0, -1, 1e308, '', 'HOSTS', ' hosts', 'hosts\u0000', 'ｈosts'),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.tuple(fc.constantFrom(...prizes), fc.constantFrom(...prizes)),
    fc.dictionary(
      fc.constantFrom('DN', 'group', '0', '1', 'length', '__proto__', 'username', 'properties'),
      tie('any'),
    ),
    fc.anything(),
  ),
})).any

/** Callers who are nobody's administrators and no trusted host. */
const powerless = [
  callerNamed(undefined),
  callerNamed('/O=X/CN=ann'),
  callerNamed('/O=X/CN=ann', 'users'),
  callerNamed('/O=X/CN=ann', 'admins'),
  callerNamed('/O=X/CN=ann', 'hosts'),
  callerNamed('/O=X/CN=plain'),
  callerNamed('/O=X/CN=plain', 'hosts'),
  callerNamed('/O=X/CN=nobody', 'admins'),
  callerNamed('/O=X/CN=root', 'admins', { rights: 'none', proxy: true }),
  callerNamed('/O=X/CN=trusted', 'hosts', { rights: 'none', proxy: true }),
  callerNamed('/O=X/CN=trusted', undefined, { token: { id: 'trusted' } }),
]

describe('extra credentials', () => {
  it('never make anybody more than he is, whatever their shape', () => {
    fc.assert(
      fc.property(shape, fc.constantFrom(...powerless), fc.constantFrom(...rules), (extra, caller, rule) => {
        const before = JSON.stringify([...registry.groups.keys()])
        const { accepted, credentials } = decideByDirac(rule, caller, extra, registry)
        expect(credentials.properties).not.toContain('Admin')
        expect(credentials.properties).not.toContain('TrustedHost')
        expect(credentials.forwardedBy).toBeUndefined()
        expect(credentials.DN).toBe(caller.name?.text)
        if (accepted) {
          expect(rule.open || rule.authenticated).toBe(true)
          expect(credentials.group).not.toBe('admins')
          expect([undefined, 'anonymous', 'ann', 'plain']).toContain(credentials.username)
        }
        expect(JSON.stringify([...registry.groups.keys()])).toBe(before)
        expect(({} as Record<string, unknown>).group).toBeUndefined()
      }),
      { numRuns: 1500 },
    )
  })

  it('of a trusted host give nobody more than he has himself', () => {
    const trusted = callerNamed('/O=X/CN=trusted')
    fc.assert(
      fc.property(shape, fc.constantFrom(...rules), (extra, rule) => {
        const { accepted, credentials } = decideByDirac(rule, trusted, extra, registry)
        if (!accepted) return
        if (credentials.properties.includes('Admin')) {
          expect(['root/admins', 'trusted/hosts']).toContain(`${credentials.username}/${credentials.group}`)
        }
        if (credentials.username === 'ann') expect(credentials.group).toBe('users')
        if (credentials.DN !== trusted.name?.text) {
          expect(extra).toEqual([credentials.DN, expect.any(String)])
          expect(credentials.forwardedBy).toBe('trusted')
        }
      }),
      { numRuns: 800 },
    )
  })

  it.each([
    ['null', null],
    ['a number', 1],
    ['a truth value', true],
    ['an object', { 0: '/O=X/CN=root', 1: 'admins', length: 2 }],
    ['an empty list', []],
    ['a list of one', ['/O=X/CN=root']],
    ['a list of three', ['/O=X/CN=root', 'admins', 'admins']],
    ['a list in a list', [['/O=X/CN=root', 'admins']]],
    ['a pair with an object', ['/O=X/CN=root', { group: 'admins' }]],
    ['a pair without a name', ['', 'admins']],
  ])('that are %s are refused even to a trusted host where everybody may call', (_, extra) => {
    const everybody = compileRule(['all'], place, registry)
    expect(decideByDirac(everybody, callerNamed('/O=X/CN=trusted'), extra, registry)).toMatchObject({
      accepted: false,
      code: 'DHN_NOT_AUTHORIZED',
      step: 'extra-credentials',
    })
  })

  it('name the group of somebody whose certificate carries none, and not of somebody whose does', () => {
    const admin = compileRule(['Admin'], place, registry)
    const as = (group: string | undefined, proxy: boolean) =>
      decideByDirac(admin, callerNamed('/O=X/CN=root', group, { proxy }), 'admins', registry).accepted
    expect([as(undefined, false), as('users', false), as('users', true)]).toEqual([true, false, false])
  })

  it('say who spoke for whom', () => {
    const admin = compileRule(['Admin'], place, registry)
    const decision = decideByDirac(admin, callerNamed('/O=X/CN=trusted'), ['/O=X/CN=root', 'admins'], registry)
    expect(decision).toEqual({
      accepted: true,
      rule: 'Admin',
      place,
      credentials: {
        DN: '/O=X/CN=root',
        group: 'admins',
        username: 'root',
        properties: ['Admin'],
        forwardedBy: 'trusted',
      },
    })
    expect(decideByDirac(admin, callerNamed('/O=X/CN=plain'), ['/O=X/CN=root', 'admins'], registry)).toMatchObject({
      accepted: false,
      step: 'forwarding',
      reason: 'the host plain without TrustedHost speaks for /O=X/CN=root in the group admins',
    })
  })
})
