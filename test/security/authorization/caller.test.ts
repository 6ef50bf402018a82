import { beforeAll, describe, expect, it } from 'vitest'
import { parseCfg } from '../../../src/cfg/parse-cfg.ts'
import { anonymous, type Caller, callerOf } from '../../../src/security/authorization/caller.ts'
import { credentialDictionary } from '../../../src/security/authorization/credential-dictionary.ts'
import { compileRule } from '../../../src/security/authorization/dirac-rule.ts'
import { decideByDirac } from '../../../src/security/authorization/dirac-rules.ts'
import { Registry } from '../../../src/security/authorization/registry.ts'
import { parseCredential } from '../../../src/security/credential-file.ts'
import { readTrustDirectory } from '../../../src/security/read-files.ts'
import { validateChain } from '../../../src/security/validate-chain.ts'
import { gridPki } from '../../support/grid-pki.ts'

const registry = new Registry(
  parseCfg(`Registry
    {
      Users
      {
        alice
        {
          DN = /DC=test/DC=grid/OU=People/CN=Alice Example
        }
        mail
        {
          DN = /DC=test/DC=grid/OU=People/CN=Mail User/Email=mail.user@test.grid
        }
        comma
        {
          DN = /DC=test/DC=grid/OU=People/CN=Comma, "Quote" + Plus <x> #; \\\\back
        }
      }
      Groups
      {
        users
        {
          Users = alice, mail, comma
          Properties = NormalUser
          VO = testvo
        }
      }
      Hosts
      {
        portal
        {
          DN = /DC=test/DC=grid/OU=Services/CN=host/dhn.test.grid
          Properties = TrustedHost
        }
      }
    }`),
)
const place = { kind: 'service', where: 'auth_m of T' } as const
const authenticated = compileRule(['authenticated'], place, registry)
const now = Date.now()

let caller: (file: string) => Caller
beforeAll(async () => {
  const pki = await gridPki()
  const trust = await readTrustDirectory(pki.path('certificates'))
  caller = (file) => {
    const accepted = validateChain(parseCredential(pki.text(file)).chain, trust, { at: now })
    if (accepted.verdict === 'reject') throw new Error(`${file}: ${accepted.message}`)
    return callerOf(accepted)
  }
}, 120_000)

/** The dictionary a service sees of whoever has this credential, or the step that refused. */
function seen(file: string, rule = authenticated, extra?: unknown) {
  const calling = caller(file)
  const decision = decideByDirac(rule, calling, extra, registry)
  return decision.accepted ? credentialDictionary(calling, decision, registry, now) : decision.step
}

describe('the credential dictionary', () => {
  it('of a user with a certificate has DIRAC’s keys in DIRAC’s order', () => {
    const dictionary = seen('users/alice.pem')
    expect(Object.entries(dictionary)).toEqual([
      ['subject', '/DC=test/DC=grid/OU=People/CN=Alice Example'],
      ['issuer', expect.stringMatching(/^\/DC=test\/DC=grid\/CN=/)],
      ['secondsLeft', expect.any(Number)],
      ['isProxy', false],
      ['isLimitedProxy', false],
      ['validDN', false],
      ['validGroup', false],
      ['DN', '/DC=test/DC=grid/OU=People/CN=Alice Example'],
      ['properties', ['NormalUser']],
      ['group', 'users'],
      ['username', 'alice'],
    ])
    expect((dictionary as { secondsLeft: number }).secondsLeft).toBeGreaterThan(3600)
  })

  it('of a proxy names its identity, group and VO before its properties', () => {
    const dictionary = seen('proxies/rfc-limited.pem')
    expect(Object.keys(dictionary)).toEqual([
      ...['subject', 'issuer', 'secondsLeft', 'isProxy', 'isLimitedProxy', 'validDN', 'validGroup', 'DN'],
      ...['identity', 'group', 'VO', 'properties', 'username'],
    ])
    expect(dictionary).toMatchObject({
      subject: expect.stringMatching(/^\/DC=test\/DC=grid\/OU=People\/CN=Alice Example\/CN=\d+$/),
      issuer: '/DC=test/DC=grid/OU=People/CN=Alice Example',
      isProxy: true,
      isLimitedProxy: true,
      identity: '/DC=test/DC=grid/OU=People/CN=Alice Example',
      group: 'users',
      VO: 'testvo',
      username: 'alice',
    })
  })

  it('of a trusted host that speaks for a user names the user in the host’s chain', () => {
    const pair = ['/DC=test/DC=grid/OU=People/CN=Alice Example', 'users']
    expect(seen('users/slash.pem', authenticated, pair)).toMatchObject({
      subject: '/DC=test/DC=grid/OU=Services/CN=host/dhn.test.grid',
      DN: pair[0],
      group: 'users',
      username: 'alice',
    })
  })

  it('of nobody is nearly empty', () => {
    const everybody = compileRule([], place, registry)
    const decision = decideByDirac(everybody, anonymous, undefined, registry)
    expect(decision.accepted && credentialDictionary(anonymous, decision, registry, now)).toEqual({ properties: [] })
  })
})

describe('the caller of a chain', () => {
  it('is found in the registry by his parsed name, however it is spelt', () => {
    expect(seen('users/email.pem')).toMatchObject({ username: 'mail' })
    expect(seen('users/special.pem')).toMatchObject({ username: 'comma' })
    expect(seen('users/slash.pem', authenticated, 'hosts')).toMatchObject({ username: 'portal', group: 'hosts' })
    expect(seen('users/bob.pem')).toBe('user-unknown')
  })

  it('is not Alice by a value that is written like her name', () => {
    expect(seen('users/slash-trick.pem')).toBe('user-unknown')
    const everybody = compileRule(['all'], place, registry)
    expect(seen('users/slash-trick.pem', everybody)).toMatchObject({
      DN: '/DC=test/DC=grid/OU=People\\/CN=Alice Example',
      username: 'anonymous',
      properties: [],
    })
  })

  it('has no rights by a proxy that inherits none', () => {
    expect(caller('proxies/rfc-independent.pem').rights).toBe('none')
    expect(seen('proxies/rfc-independent.pem')).toBe('no-rights')
    expect(seen('proxies/rfc-independent.pem', compileRule(['any'], place, registry))).toMatchObject({
      username: 'anonymous',
      group: 'visitor',
    })
    expect(caller('proxies/rfc-limited.pem').rights).toBe('limited')
    expect(caller('proxies/rfc-full.pem').rights).toBe('full')
  })
})
