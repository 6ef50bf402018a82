import { describe, expect, it } from 'vitest'
import { parseCfg } from '../../../src/cfg/parse-cfg.ts'
import { Registry } from '../../../src/security/authorization/registry.ts'
import { Name } from '../../../src/security/name.ts'
import { readName, textKey } from '../../../src/security/name-text.ts'

const registry = (text: string, before = '') => new Registry(parseCfg(`${before}\nRegistry\n{\n${text}\n}`))
const key = (dn: string) => textKey(readName(dn))

describe('the registry', () => {
  it('knows a user by each of his names, whatever the spelling of their types', () => {
    const { userOf } = bound(
      registry(`Users
        {
          alice
          {
            DN = /DC=org/CN=Alice/emailAddress=a@x.org, /O=Grid/UID=alice
            DN += /DC=org/CN=Alice old
          }
        }`),
    )
    for (const dn of [
      '/DC=org/CN=Alice/Email=a@x.org',
      '/DC=org/CN=Alice/E=a@x.org',
      '/0.9.2342.19200300.100.1.25=org/CN=Alice/1.2.840.113549.1.9.1=a@x.org',
      'emailAddress=a@x.org,CN=Alice,DC=org',
      '/O=Grid/USERID=alice',
      '/DC=org/CN=Alice old',
    ]) {
      expect([dn, userOf(key(dn))?.name]).toEqual([dn, 'alice'])
    }
    for (const dn of ['/DC=org/CN=alice/Email=a@x.org', '/DC=org/CN=Alice', '/CN=Alice/DC=org', '/O=Grid/CN=alice']) {
      expect([dn, userOf(key(dn))]).toEqual([dn, undefined])
    }
  })

  it('does not take one value that is written like two for two', () => {
    const { userOf } = bound(registry('Users\n{\n  alice\n  {\n    DN = /O=Grid/OU=People/CN=Alice\n  }\n}'))
    const trick = Name.of([[{ type: '2.5.4.10', value: 'Grid' }], [{ type: '2.5.4.11', value: 'People/CN=Alice' }]])
    expect(userOf(textKey(trick))).toBeUndefined()
    expect(userOf(key('/O=Grid/OU=People/CN=Alice'))?.name).toBe('alice')
    const registered = registry('Users\n{\n  mallory\n  {\n    DN = /O=Grid/OU=People\\/CN=Alice\n  }\n}')
    expect(registered.userOf(textKey(trick))?.name).toBe('mallory')
  })

  it('takes a comma for part of a name unless another name follows it', () => {
    const { userOf, hostOf } = bound(
      registry(`Users\n{\n  bob\n  {\n    DN = /O=Acme, Inc/CN=Bob, /O=Acme/CN=Robert,/CN=B,\n  }\n}
        Hosts\n{\n  h\n  {\n    DN = /O=Acme/CN=host/h.x.org\n    Properties = TrustedHost\n  }\n}`),
    )
    expect(userOf(key('/O=Acme, Inc/CN=Bob'))?.name).toBe('bob')
    expect(userOf(key('/O=Acme/CN=Robert'))?.name).toBe('bob')
    expect(userOf(key('/CN=B'))?.name).toBe('bob')
    expect(userOf(key('/O=Acme'))).toBeUndefined()
    expect(hostOf(key('/O=Acme/CN=host/h.x.org'))).toMatchObject({ name: 'h', trusted: true })
  })

  it('says what is odd, with its place, and knows nobody by it', () => {
    const odd = registry(`Users
      {
        a
        {
          DN = CN=a
        }
        b
        {
          DN = /CN=b
        }
        c
        {
          DN = /CN=b, /CN=c
        }
      }
      Groups
      {
        g
        {
          Users = c, nobody, b
        }
        hosts
        {
          Users = a
          Properties = TrustedHost
        }
      }`)
    expect(odd.problems.map(({ code, path, line }) => [code, path, line])).toEqual([
      ['registry-user-unknown', '/Registry/Groups/g/Users', 23],
      ['registry-group-reserved', '/Registry/Groups/hosts', 26],
      ['registry-dn-unreadable', '/Registry/Users/a/DN', 8],
      ['registry-dn-twice', '/Registry/Users/c/DN', 16],
    ])
    expect(odd.groups.has('hosts')).toBe(false)
    expect(odd.userOf(key('/CN=a'))).toBeUndefined()
    expect(odd.userOf(key('/CN=b'))?.name).toBe('b')
    const group = odd.groups.get('g')
    expect(group && odd.memberOf(key('/CN=b'), group)?.name).toBe('b')
  })

  it('finds the default group in DIRAC’s order', () => {
    const users = `Users\n{\n  a\n  {\n    DefaultGroup = none, two\n  }\n  b\n  {\n  }\n  c\n  {\n  }\n}`
    const groups = `Groups\n{\n  two\n  {\n    Users = a\n  }\n  user\n  {\n    Users = a, b\n  }\n  one\n  {\n    Users = a, b, c\n  }\n}`
    const of = ({ users: all, defaultGroupOf }: ReturnType<typeof bound>) =>
      ['a', 'b', 'c'].map((name) => defaultGroupOf(all.get(name) as never))
    expect(of(bound(registry(`${users}\n${groups}`)))).toEqual(['two', 'user', 'one'])
    expect(of(bound(registry(`DefaultGroup = x, one\n${users}\n${groups}`)))).toEqual(['two', 'one', 'one'])
    const nobody = registry('Users\n{\n  a\n  {\n  }\n}')
    expect(nobody.defaultGroupOf(nobody.users.get('a') as never)).toBeUndefined()
  })

  it('has all groups for any VO when the installation has one only', () => {
    const groups = `Groups\n{\n  g\n  {\n    VO = one\n  }\n  h\n  {\n    VO = two\n  }\n}\nVO\n{\n  one\n  {\n  }\n  two\n  {\n  }\n}`
    const several = registry(groups)
    expect([several.groupsOfVo('one'), several.groupsOfVo('x'), several.vos]).toEqual([['g'], [], ['one', 'two']])
    const single = registry(groups, 'DIRAC\n{\n  VirtualOrganization = one\n}')
    expect([single.groupsOfVo('x'), single.voOf('h'), single.vos]).toEqual([['g', 'h'], 'one', ['one']])
  })
})

/** Its methods, to be called alone. */
const bound = (one: Registry) => ({
  users: one.users,
  userOf: one.userOf.bind(one),
  hostOf: one.hostOf.bind(one),
  defaultGroupOf: one.defaultGroupOf.bind(one),
})
