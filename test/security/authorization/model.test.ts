import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCfg } from '../../../src/cfg/parse-cfg.ts'
import { CallRules } from '../../../src/security/authorization/call-rules.ts'
import { Registry } from '../../../src/security/authorization/registry.ts'
import { callerNamed } from '../../support/authorization.ts'
import {
  type ModelAnswer,
  type ModelCaller,
  type ModelRegistry,
  type ModelRules,
  modelAnswer,
  modelConfiguration,
} from '../../support/authorization-model.ts'

const people: ModelRegistry = {
  users: {
    ann: { dns: ['/O=X/CN=ann', '/O=X/CN=ann/CN=spare'], groups: ['g2', 'g1'], suspended: [] },
    bob: { dns: ['/O=X/CN=bob'], groups: [], suspended: ['v2'] },
    cat: { dns: ['/O=X/CN=cat'], groups: [], suspended: [] },
    dan: { dns: ['/O=X/CN=dan', '/O=X/CN=both'], groups: ['g3'], suspended: ['v1', 'v3'] },
  },
  groups: {
    g1: { users: ['ann', 'bob'], properties: ['NormalUser', 'JobMonitor'], vo: 'v1' },
    g2: { users: ['ann', 'bob'], properties: ['Admin', 'NormalUser'], vo: 'v2' },
    g3: { users: ['dan', 'bob'], properties: ['NormalUser'], vo: 'v3' },
    g4: { users: ['dan'], properties: [], vo: '' },
    visitor: { users: ['dan'], properties: ['Admin'], vo: 'v1' },
  },
  hosts: {
    'trusted.x.org': { dns: ['/O=X/CN=trusted.x.org', '/O=X/CN=both'], properties: ['TrustedHost', 'JobMonitor'] },
    'plain.x.org': { dns: ['/O=X/CN=host/plain.x.org'], properties: ['JobMonitor'] },
  },
  defaultGroups: ['g1'],
}
const dns = [
  undefined,
  '/O=X/CN=ann',
  '/O=X/CN=ann/CN=spare',
  '/O=X/CN=bob',
  '/O=X/CN=cat',
  '/O=X/CN=dan',
  '/O=X/CN=both',
  '/O=X/CN=trusted.x.org',
  '/O=X/CN=host/plain.x.org',
  '/O=X/CN=nobody',
]
const groups = [undefined, 'g1', 'g2', 'g3', 'g4', 'hosts', 'visitor', 'none', '', '__proto__']
const extras = [
  undefined,
  'hosts',
  'g1',
  'g2',
  'G2',
  '',
  'constructor',
  null,
  0,
  true,
  {},
  [],
  ['/O=X/CN=ann'],
  ['/O=X/CN=ann', 'g2'],
  ['/O=X/CN=ann', 'g3'],
  ['/O=X/CN=bob', 'g2'],
  ['/O=X/CN=trusted.x.org', 'hosts'],
  ['/O=X/CN=nobody', 'g1'],
  ['no name at all', 'g1'],
  ['', 'g1'],
  ['/O=X/CN=ann', ''],
  ['/O=X/CN=ann', null],
  ['/O=X/CN=ann', ['g2']],
  ['/O=X/CN=ann', 'g2', 'g2'],
  { 0: '/O=X/CN=ann', 1: 'g2', length: 2 },
  { DN: '/O=X/CN=ann', group: 'g2' },
]
const entries = [
  'all',
  'Any',
  'authenticated',
  'NormalUser',
  'normaluser',
  'ADMIN',
  'JobMonitor',
  'TrustedHost',
  'nobody',
  'group:g1',
  'group:g2',
  'group:hosts',
  'group:visitor',
  'group:none',
  'vo:v1',
  'vo:v2',
  'vo:none',
]
const kinds = [
  { proxy: false, rights: 'full' },
  { proxy: true, rights: 'full' },
  { proxy: true, rights: 'limited' },
  { proxy: true, rights: 'none' },
] as const

/** A caller for the model, and the same one as the connection would have made it. */
const callersOf = (some: {
  readonly groups: readonly (string | undefined)[]
  readonly extras: readonly unknown[]
  readonly kinds: readonly (typeof kinds)[number][]
}) =>
  dns.flatMap((dn) =>
    some.groups.flatMap((group) =>
      some.kinds.flatMap((kind) => {
        const caller = callerNamed(dn, group, kind)
        const model = { dn, group: dn === undefined ? undefined : group, ...kind }
        return some.extras.map((extra) => ({ caller, model: { ...model, extra } satisfies ModelCaller }))
      }),
    ),
  )
const callers = callersOf({ groups, extras, kinds })
/** One of each kind that the rules tell apart. */
const differentCallers = callersOf({
  groups: [undefined, 'g1', 'g3', 'hosts', 'none'],
  extras: [undefined, 'hosts', 'g2', '', null, {}, ['/O=X/CN=ann', 'g2'], ['/O=X/CN=trusted.x.org', 'hosts']],
  kinds: [kinds[0], kinds[2], kinds[3]],
})
const protection = { integrity: true, privacy: true }

/** A service of one method for each of these rules; the default is one for all. */
function serviceWith(rules: readonly Omit<ModelRules, 'byDefault'>[], byDefault: readonly string[]): CallRules {
  const authorization = Object.fromEntries(rules.map(({ configured }, index) => [`m${index}`, configured]))
  const configuration = parseCfg(modelConfiguration(people, { ...authorization, Default: byDefault }))
  const methods = Object.fromEntries(rules.map(({ coded }, index) => [`m${index}`, { rule: coded }]))
  return new CallRules(
    { service: 'M/S', className: 'S', methods, descriptors: {} },
    {
      configuration,
      file: () => 'etc/dhn.cfg',
      registry: new Registry(configuration),
      self: undefined,
      gridMap: undefined,
      parameters: {},
      withoutRule: 'any',
    },
  )
}

function answerOf(rules: CallRules, method: string, { caller, model }: (typeof callers)[number]): ModelAnswer {
  const decision = rules.decide(method, caller, protection, model.extra)
  if (!decision.accepted) return { accepted: false }
  const { username, group, properties } = decision.credentials
  if (username === undefined) return { accepted: true, properties }
  return { accepted: true, username, group: group as string, properties }
}

describe('authorization and a naive model of it', () => {
  it('agree on every rule of one entry, wherever it stands, for every kind of caller', () => {
    const rules = [
      { configured: [], coded: [] },
      ...entries.flatMap((entry) => [
        { configured: [entry], coded: [] },
        { configured: [], coded: [entry] },
      ]),
      { configured: ['nobody'], coded: ['all'] },
      { configured: ['all'], coded: ['nobody'] },
    ]
    let cells = 0
    for (const byDefault of [[], ['authenticated']]) {
      const service = serviceWith(rules, byDefault)
      for (const [index, rule] of rules.entries()) {
        for (const one of differentCallers) {
          const expected = modelAnswer({ ...rule, byDefault }, one.model, people)
          const answer = answerOf(service, `m${index}`, one)
          cells++
          // An expectation for each of so many cells would take most of the time.
          if (!isDeepStrictEqual(answer, expected)) expect({ rule, ...one, answer }).toEqual(expected)
        }
      }
    }
    expect(cells).toBeGreaterThan(80_000)
  })

  it('agree on rules of any entries', () => {
    const list = fc.array(fc.constantFrom(...entries), { maxLength: 4 })
    const some = fc.array(fc.constantFrom(...callers), { minLength: 20, maxLength: 40 })
    fc.assert(
      fc.property(list, list, list, some, (configured, coded, byDefault, calling) => {
        const service = serviceWith([{ configured, coded }], byDefault)
        for (const one of calling) {
          const expected = modelAnswer({ configured, coded, byDefault }, one.model, people)
          expect(answerOf(service, 'm0', one)).toEqual(expected)
        }
      }),
      { numRuns: 300 },
    )
  })
})
