import { describe, expect, it } from 'vitest'
import type { Decision } from '../../../src/security/authorization/decision.ts'
import { ruleFor } from '../../../src/security/authorization/dirac-rule.ts'
import { decideByDirac } from '../../../src/security/authorization/dirac-rules.ts'
import { Registry } from '../../../src/security/authorization/registry.ts'
import { type AuthorizationVector, authorizationVectors, callerNamed } from '../../support/authorization.ts'

const { cases, credentials, configuration } = authorizationVectors
const registry = new Registry(configuration)

function decide({ section, method, hardcoded, credential }: AuthorizationVector): Decision {
  const rule = ruleFor(
    { service: `S/${section}`, className: 'Handler', method, hardCoded: hardcoded ?? undefined },
    { configuration, file: () => 'etc/dhn.cfg', registry },
  )
  const { DN, group, extraCredentials } = credentials[credential] ?? {}
  return decideByDirac(rule, callerNamed(DN, group), extraCredentials, registry)
}

const entries = ({ hardcoded }: AuthorizationVector) => (Array.isArray(hardcoded) ? hardcoded : [])
const forwards = ({ credential }: AuthorizationVector) => Array.isArray(credentials[credential]?.extraCredentials)

/** The group that each restriction of the vectors means. */
const only: Readonly<Record<string, string>> = { 'group:dirac_admin': 'dirac_admin', 'vo:lhcb': 'lhcb_user' }

/** Where DIRAC lets somebody in and this doesn't; the counts hold the list against drifting. */
const refusedHere = [
  {
    reason: 'DIRAC deletes group: and vo: from the hard-coded rule before it asks again for forwarded credentials',
    applies: (vector: AuthorizationVector) =>
      forwards(vector) &&
      entries(vector).some((entry) => Object.hasOwn(only, entry) && only[entry] !== vector.credDict_after.group),
    cases: 10,
  },
  {
    reason: 'DIRAC takes a VO without groups for no restriction at all; here it is one that nobody meets',
    applies: (vector: AuthorizationVector) => entries(vector).includes('vo:nope'),
    cases: 24,
  },
]

/** Where the dictionary of somebody who is let in differs; the decision is DIRAC's. */
const otherDictionary = [
  {
    reason: 'DIRAC lets a visitor keep the properties of the group he falsely claimed; here he has none',
    applies: ({ credDict_after }: AuthorizationVector) =>
      credDict_after.username === 'anonymous' && credDict_after.properties.length > 0,
    ours: ({ credDict_after }: AuthorizationVector) => ({ ...credDict_after, properties: [] }),
  },
  {
    reason: 'nobody has no DN here, where DIRAC keeps an empty one',
    applies: ({ credDict_after }: AuthorizationVector) => credDict_after.DN === '',
    ours: ({ credDict_after: { DN: _, ...rest } }: AuthorizationVector) => rest,
  },
]

describe('the vectors of DIRAC’s AuthManager', () => {
  it('are all there', () => {
    expect(cases).toHaveLength(790)
  })

  it.each(cases)('$section/$method, hard-coded $hardcoded, called by $credential', (vector) => {
    const decision = decide(vector)
    const deviation = refusedHere.find(({ applies }) => vector.allowed && applies(vector))
    expect(decision.accepted).toBe(vector.allowed && deviation === undefined)
    if (!decision.accepted) {
      expect(decision.credentials.properties).not.toContain('TrustedHost')
      return
    }
    const { forwardedBy, ...dictionary } = decision.credentials
    const other = otherDictionary.find(({ applies }) => applies(vector))
    expect(dictionary).toEqual(other === undefined ? vector.credDict_after : other.ours(vector))
    expect(forwardedBy).toBe(forwards(vector) ? 'trusted.host' : undefined)
  })

  it.each(refusedHere)('deviate where $reason', ({ applies, cases: count }) => {
    const deviating = cases.filter((vector) => vector.allowed && applies(vector) && !decide(vector).accepted)
    expect(deviating).toHaveLength(count)
  })

  it('let nobody in whom DIRAC refuses', () => {
    expect(cases.filter((vector) => decide(vector).accepted && !vector.allowed)).toEqual([])
  })
})
