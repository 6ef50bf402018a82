import { describe, expect, it } from 'vitest'
import { Administrators } from '../../../src/security/authorization/administrators.ts'
import { Registry } from '../../../src/security/authorization/registry.ts'
import { authorizationVectors, callerNamed } from '../../support/authorization.ts'

const registry = new Registry(authorizationVectors.configuration)
const place = { kind: 'configuration', where: '/DHN/Administrators', file: 'etc/dhn.cfg' } as const
const administrators = new Administrators({
  names: ['/O=X/CN=root/Email=root@x.org', 'nonsense'],
  groups: ['dirac_admin', 'lhcb_user', 'no_group'],
  registry,
  place,
})
const decide = (...given: Parameters<typeof callerNamed>) => administrators.decide(callerNamed(...given))
const ciuser = '/C=ch/O=DIRAC/CN=ciuser'

describe('the administrators', () => {
  it('are those that are listed by name or by group', () => {
    expect(decide('/O=X/CN=root/emailAddress=root@x.org').accepted).toBe(true)
    expect(decide(ciuser, 'dirac_admin')).toMatchObject({
      accepted: true,
      credentials: { username: 'ciuser', group: 'dirac_admin' },
    })
    expect(decide(ciuser).accepted).toBe(true)
    expect(administrators.unreadable).toEqual(['nonsense'])
  })

  it('are nobody else', () => {
    expect(decide(undefined)).toMatchObject({ code: 'DHN_UNAUTHENTICATED', step: 'anonymous' })
    expect(decide('/C=ch/O=DIRAC/CN=lonely')).toMatchObject({ code: 'DHN_NOT_AUTHORIZED', step: 'not-in-group' })
    expect(decide(ciuser, 'dirac_user').accepted).toBe(false)
    expect(decide('/C=ch/O=DIRAC/CN=lonely', 'dirac_admin').accepted).toBe(false)
    expect(decide('/C=ch/O=DIRAC/CN=susp', 'lhcb_user').accepted).toBe(false)
    expect(decide('/C=ch/O=DIRAC/CN=trusted.host', 'hosts').accepted).toBe(false)
    expect(decide('nonsense').accepted).toBe(false)
  })

  it('are none who come with a proxy that is limited or inherits nothing', () => {
    const root = '/O=X/CN=root/Email=root@x.org'
    expect(decide(root, undefined, { proxy: true }).accepted).toBe(true)
    expect(decide(root, undefined, { proxy: true, rights: 'limited' })).toMatchObject({ step: 'limited-proxy' })
    expect(decide(root, undefined, { proxy: true, rights: 'none' })).toMatchObject({ step: 'no-rights' })
  })
})
