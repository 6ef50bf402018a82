import { describe, expect, it } from 'vitest'
import { parseSecurityDescriptor } from '../../../src/archive/security-descriptor.ts'
import { parseCfg } from '../../../src/cfg/parse-cfg.ts'
import { CallRules, type RuledService, type RuleFacts } from '../../../src/security/authorization/call-rules.ts'
import { Registry } from '../../../src/security/authorization/registry.ts'
import { callerNamed } from '../../support/authorization.ts'

const registered = `Registry
{
  Users
  {
    ann
    {
      DN = /O=X/CN=ann
    }
  }
  Groups
  {
    user
    {
      Users = ann
      Properties = NormalUser
    }
  }
}`
const tls = { integrity: true, privacy: true }
const plain = { integrity: false, privacy: false }
const ann = callerNamed('/O=X/CN=ann')
const nobody = callerNamed(undefined)

function rulesOf(service: Partial<RuledService>, text = '', change: Partial<RuleFacts> = {}): CallRules {
  const configuration = parseCfg(`${registered}\n${text}`, 'etc/dhn.cfg')
  return new CallRules(
    { service: 'Samples/Echo', className: 'org.x.Echo', methods: {}, descriptors: {}, ...service },
    {
      configuration,
      file: () => 'etc/dhn.cfg',
      registry: new Registry(configuration),
      self: undefined,
      gridMap: undefined,
      parameters: {},
      withoutRule: 'any',
      ...change,
    },
  )
}
const secured = (inside: string): RuledService['descriptors'] => ({
  service: parseSecurityDescriptor(
    `<securityConfig xmlns="http://www.globus.org">${inside}</securityConfig>`,
    'service',
    {
      file: 'etc/echo/security.xml',
    },
  ).descriptor,
})
const transport = '<auth-method><GSITransport/></auth-method><authz value="none"/>'

describe('the rules of a service', () => {
  it('come from the configuration, then the code, then the configuration’s default, and say where they stand', () => {
    const methods = { a: { rule: ['all'] }, b: { rule: ['all'] }, c: { rule: [] }, d: { rule: undefined } }
    const rules = rulesOf(
      { methods },
      `Systems
      {
        Samples
        {
          Services
          {
            Echo
            {
              Authorization
              {
                Default = authenticated
                a = NormalUser
              }
            }
          }
        }
      }`,
    )
    const path = '/Systems/Samples/Services/Echo/Authorization'
    expect(Object.keys(methods).map((method) => rules.ruleOf(method)?.dirac.place)).toEqual([
      { kind: 'configuration', where: `${path}/a`, file: 'etc/dhn.cfg', line: 30 },
      { kind: 'service', where: 'auth_b of org.x.Echo' },
      { kind: 'configuration-default', where: `${path}/Default`, file: 'etc/dhn.cfg', line: 29 },
      { kind: 'configuration-default', where: `${path}/Default`, file: 'etc/dhn.cfg', line: 29 },
    ])
    expect(rules.decide('a', nobody, tls, undefined)).toMatchObject({
      code: 'DHN_UNAUTHENTICATED',
      rule: 'NormalUser',
      step: 'anonymous',
      place: { line: 30 },
    })
    expect(rules.decide('b', nobody, tls, undefined).accepted).toBe(true)
  })

  it('are looked for in the instance that the setup names first, then without an instance', () => {
    const section = (name: string, inside: string) => `${name}\n{\n${inside}\n}\n`
    const authorization = (rules: string) => section('Services', section('Echo', section('Authorization', rules)))
    const systems = section(
      'Systems',
      section('Samples', section('Prod', authorization('a = all')) + authorization('a = nobody\nb = nobody')),
    )
    const setup = section('DIRAC', `Setup = Main\n${section('Setups', section('Main', 'Samples = Prod'))}`)
    const where = (text: string) => {
      const rules = rulesOf({ methods: { a: { rule: undefined }, b: { rule: undefined } } }, text)
      return ['a', 'b'].map((method) => rules.ruleOf(method)?.dirac.place.where)
    }
    const without = '/Systems/Samples/Services/Echo/Authorization'
    expect(where(setup + systems)).toEqual(['/Systems/Samples/Prod/Services/Echo/Authorization/a', `${without}/b`])
    expect(where(systems)).toEqual([`${without}/a`, `${without}/b`])
    const noSetup = setup.replace('Setup = Main', 'Setup = Main\nNoSetup = True')
    expect(where(noSetup + systems)).toEqual([`${without}/a`, `${without}/b`])
  })

  it('of a service with a longer or shorter name have its last segment for the service', () => {
    const nested = `Systems\n{\n gcube\n {\n  common\n  {\n   Services\n   {\n    Deployer\n    {\n     Authorization\n     {\n      Default = NormalUser\n     }\n    }\n   }\n  }\n }\n Services\n {\n  Index\n  {\n   Authorization\n   {\n    Default = Admin\n   }\n  }\n }\n}`
    const ruleOf = (service: string) =>
      rulesOf({ service, methods: { m: { rule: undefined } } }, nested).ruleOf('m')?.dirac.text
    expect(['gcube/common/Deployer', 'Index', 'gcube/Deployer'].map(ruleOf)).toEqual(['NormalUser', 'Admin', ''])
  })

  it('name the methods that have none, and refuse them where that is asked for', () => {
    const methods = { bare: { rule: undefined }, ruled: { rule: 'all' }, described: { rule: undefined } }
    const descriptors = secured('<method name="described"><auth-method><none/></auth-method></method>')
    const open = rulesOf({ methods, descriptors })
    expect(open.methodsWithoutRule).toEqual(['bare'])
    expect(open.decide('bare', nobody, tls, undefined).accepted).toBe(true)
    const strict = rulesOf({ methods, descriptors }, '', { withoutRule: 'refuse' })
    expect(strict.methodsWithoutRule).toEqual(['bare'])
    expect(strict.decide('bare', ann, tls, undefined)).toEqual({
      accepted: false,
      code: 'DHN_NOT_AUTHORIZED',
      rule: '',
      place: { kind: 'missing', where: 'neither the configuration nor org.x.Echo has a rule' },
      step: 'no-rule',
      reason: 'nobody has written down who may call this method',
      credentials: { DN: '/O=X/CN=ann', properties: [] },
    })
    expect(strict.decide('ruled', nobody, tls, undefined).accepted).toBe(true)
    expect(strict.decide('described', nobody, tls, undefined)).toMatchObject({
      accepted: true,
      rule: 'none',
      place: { kind: 'security-descriptor' },
    })
    for (const method of ['other', 'constructor', '__proto__', '']) {
      expect(open.decide(method, ann, tls, undefined)).toMatchObject({ accepted: false, step: 'no-rule' })
    }
  })

  it('let in whom both DIRAC’s rule and the security descriptor let in', () => {
    const rules = rulesOf({ methods: { a: { rule: 'all' }, b: { rule: 'Admin' } }, descriptors: secured(transport) })
    expect(rules.decide('a', nobody, tls, undefined)).toMatchObject({ accepted: false, rule: 'GSITransport' })
    expect(rules.decide('a', ann, plain, undefined)).toMatchObject({ accepted: false, step: 'protection-level' })
    expect(rules.decide('a', ann, tls, undefined)).toMatchObject({ accepted: true, rule: 'all' })
    expect(rules.decide('b', ann, tls, undefined)).toMatchObject({ accepted: false, step: 'property' })
  })

  it('remember what they decided for a caller, and for nobody else', () => {
    const rules = rulesOf({
      methods: { a: { rule: 'NormalUser' }, b: { rule: 'all' } },
      descriptors: secured(transport),
    })
    const first = rules.decide('a', ann, tls, undefined)
    expect(rules.decide('a', ann, tls, undefined)).toBe(first)
    expect(rules.decide('a', callerNamed('/O=X/CN=ann'), tls, undefined)).toEqual(first)
    const others = [
      rules.decide('b', ann, tls, undefined),
      rules.decide('a', ann, plain, undefined),
      rules.decide('a', ann, tls, 'hosts'),
      rules.decide('a', ann, tls, ''),
      rules.decide('a', ann, tls, null),
      rules.decide('a', ann, tls, ['/O=X/CN=ann', 'user']),
      rules.decide('a', nobody, tls, undefined),
    ]
    expect(others.map((decision) => (decision.accepted ? decision.rule : decision.step))).toEqual([
      'all',
      'protection-level',
      'host-unknown',
      'group-unknown',
      'extra-credentials',
      'forwarding',
      'anonymous',
    ])
    // A text and a pair that would read alike are told apart, and a flood of them stays correct.
    expect(rules.decide('a', ann, tls, 'user')).toMatchObject({ accepted: true, credentials: { group: 'user' } })
    for (let index = 0; index < 300; index++) {
      expect(rules.decide('a', ann, tls, `g${index}`)).toMatchObject({ accepted: false, step: 'group-unknown' })
    }
    expect(rules.decide('a', ann, tls, undefined)).toBe(first)
  })

  it('cost a call next to nothing', () => {
    const rules = rulesOf({ methods: { a: { rule: 'NormalUser' } }, descriptors: secured(transport) })
    const calls = 200_000
    const started = process.cpuUsage()
    for (let call = 0; call < calls; call++) rules.decide('a', ann, tls, undefined)
    const { user } = process.cpuUsage(started)
    expect(user / calls).toBeLessThan(5)
  })
})
