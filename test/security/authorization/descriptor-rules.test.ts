import { describe, expect, it } from 'vitest'
import { parseSecurityDescriptor } from '../../../src/archive/security-descriptor.ts'
import { type AuthzFacts, decideByDescriptor } from '../../../src/security/authorization/descriptor-rules.ts'
import { GridMap } from '../../../src/security/authorization/grid-map.ts'
import { type DescriptorLevels, operationSecurity } from '../../../src/security/authorization/security-descriptor.ts'
import { readName, textKey } from '../../../src/security/name-text.ts'
import { callerNamed } from '../../support/authorization.ts'
import { corpus } from '../../support/corpus.ts'

const tls = { integrity: true, privacy: true }
const signed = { integrity: true, privacy: false }
const plain = { integrity: false, privacy: false }
const alice = callerNamed('/O=Grid/CN=Alice')
const limited = callerNamed('/O=Grid/CN=Alice', undefined, { proxy: true, rights: 'limited' })
const independent = callerNamed('/O=Grid/CN=Alice', undefined, { proxy: true, rights: 'none' })
const node = callerNamed('/O=Grid/CN=host/node.x.org')
const nobody = callerNamed(undefined)
const byToken = callerNamed('/O=Grid/CN=Alice', undefined, { token: { id: 'Alice' } })
const facts: AuthzFacts = {
  self: textKey(readName('/O=Grid/CN=host/node.x.org')),
  gridMap: new GridMap('"/O=Grid/CN=Alice" alice'),
  parameters: {},
}

const read = (inside: string, of: 'service' | 'container' = 'service') =>
  parseSecurityDescriptor(`<securityConfig xmlns="http://www.globus.org">${inside}</securityConfig>`, of, {
    file: of === 'service' ? 'etc/x/security.xml' : 'etc/container-security.xml',
  }).descriptor
const methods = (inside: string) => `<auth-method>${inside}</auth-method>`
const method = (name: string, inside: string) => `<method name="${name}">${methods(inside)}</method>`
const transport = methods('<GSITransport/>')

function ask(levels: DescriptorLevels | string, caller = alice, change: Partial<AuthzFacts> = {}, given = tls) {
  const all = typeof levels === 'string' ? { service: read(levels) } : levels
  return decideByDescriptor(operationSecurity(all, 'add'), caller, given, { ...facts, ...change })
}
const step = (...given: Parameters<typeof ask>) => {
  const decision = ask(...given)
  return decision.accepted ? 'accepted' : decision.step
}

describe('a security descriptor', () => {
  it('that isn’t there asks for nothing', () => {
    expect(ask({}, nobody, {}, plain)).toMatchObject({ accepted: true, place: { kind: 'missing' } })
  })

  it('asks for a certificate and protection on the way', () => {
    const none = '<authz value="none"/>'
    expect(step(transport + none)).toBe('accepted')
    expect(step(transport + none, nobody)).toBe('anonymous')
    expect(step(transport + none, independent)).toBe('no-rights')
    expect(step(transport + none, limited)).toBe('accepted')
    expect(step(transport + none, byToken)).toBe('anonymous')
    expect(step('<authz value="gridmap"/>')).toBe('accepted')
    expect(step('<authz value="gridmap"/>', byToken)).toBe('authz')
    expect(step(none, byToken)).toBe('accepted')
    expect(step(transport + none, alice, {}, plain)).toBe('protection-level')
    const level = (levels: string) =>
      methods(`<GSITransport><protection-level>${levels}</protection-level></GSITransport>`) + none
    expect(step(level('<privacy/>'), alice, {}, signed)).toBe('protection-level')
    expect(step(level('<integrity/>'), alice, {}, signed)).toBe('accepted')
    expect(step(level('<integrity/><privacy/>'), alice, {}, signed)).toBe('accepted')
    expect(step(level('<privacy/>'))).toBe('accepted')
  })

  it('that asks for message security lets nobody in until there is any', () => {
    for (const name of ['GSISecureMessage', 'GSISecureConversation']) {
      expect(step(`${methods(`<${name}/>`)}<authz value="none"/>`)).toBe('auth-method')
    }
    const either = methods('<GSISecureMessage/><GSITransport/>')
    expect(step(`${either}<authz value="none"/>`)).toBe('accepted')
    expect(step(`${either}<authz value="none"/>`, nobody)).toBe('anonymous')
  })

  it('opens single methods, whatever its chain says, and closes others', () => {
    const descriptor = read(`${transport}<authz value="gridmap"/>${method('add', '<none/>')}`)
    expect(step({ service: descriptor }, nobody, {}, plain)).toBe('accepted')
    const other = operationSecurity({ service: descriptor }, 'get')
    expect(decideByDescriptor(other, nobody, tls, facts).accepted).toBe(false)
    expect(decideByDescriptor(other, alice, tls, facts).accepted).toBe(true)
  })

  it('binds a method by its name alone, or in its namespace', () => {
    const service = read(
      `<authz value="none"/>${transport}<method xmlns:a="urn:a" name="a:add">${methods('<none/>')}</method>`,
    )
    const asked = (namespace?: string) =>
      decideByDescriptor(operationSecurity({ service }, 'add', namespace), nobody, tls, facts).accepted
    expect([asked('urn:a'), asked('urn:b'), asked()]).toEqual([true, false, true])
    const both = read(
      `<authz value="none"/>${method('{urn:a}add', '<none/>')}${method('{urn:b}add', '<GSITransport/>')}`,
    )
    expect(step({ service: both }, nobody)).toBe('anonymous')
  })

  it('without a chain lets in whoever has shown himself', () => {
    expect(step(transport)).toBe('accepted')
    expect(step(transport, limited)).toBe('accepted')
    expect(step(transport, nobody)).toBe('anonymous')
  })

  it('whose chain has several points lets in whom all permit', () => {
    expect(step(`${transport}<authz value="self"/>`, node)).toBe('accepted')
    expect(step(`${transport}<authz value="self"/>`, alice)).toBe('authz')
    expect(step(`${transport}<authz value="self"/>`, node, { self: undefined })).toBe('authz')
    expect(step(`${transport}<authz value="gridmap"/>`, alice)).toBe('accepted')
    expect(step(`${transport}<authz value="gridmap"/>`, node)).toBe('authz')
    expect(step(`${transport}<authz value="gridmap"/>`, alice, { gridMap: undefined })).toBe('authz')
    expect(step(`${transport}<authz value="gridmap self"/>`, alice)).toBe('authz')
    expect(step(`${transport}<authz value="gridmap, self"/>`, node)).toBe('authz')
    expect(step(`<authz value="gridmap"/>`, nobody)).toBe('authz')
    expect(step(`<authz value="gridmap"/>`, independent)).toBe('authz')
  })

  it('reads the parameters of identity and host from the WSDD', () => {
    const identity = `${transport}<authz value="identity"/>`
    expect(step(identity)).toBe('authz')
    expect(step(identity, alice, { parameters: { 'identity-identity': '/O=Grid/CN=Alice' } })).toBe('accepted')
    expect(step(identity, alice, { parameters: { 'idenAuthz-identity': 'CN=Alice,O=Grid' } })).toBe('accepted')
    expect(step(identity, node, { parameters: { 'identity-identity': '/O=Grid/CN=Alice' } })).toBe('authz')
    expect(step(identity, alice, { parameters: { 'identity-identity': 'Alice' } })).toBe('authz')
    const named = `${transport}<authz value="me:org.globus.wsrf.impl.security.authorization.IdentityAuthorization"/>`
    expect(step(named, alice, { parameters: { 'me-identity': '/O=Grid/CN=Alice' } })).toBe('accepted')
    const host = `${transport}<authz value="host"/>`
    const at = (url: string) => ({ parameters: { 'host-url': url } })
    expect(step(host, node, at('https://node.x.org:8443/wsrf/services/'))).toBe('accepted')
    expect(step(host, callerNamed('/O=Grid/CN=NODE.x.org'), at('node.x.org'))).toBe('accepted')
    expect(step(host, callerNamed('/CN=node.x.org/O=Grid'), at('node.x.org'))).toBe('authz')
    expect(step(host, node, at('https://x.org/node.x.org'))).toBe('authz')
    expect(step(host, node, at('https://node.x.org@evil.org/'))).toBe('authz')
    expect(step(host, node, { parameters: { __proto__: { 'host-url': 'node.x.org' } } as never })).toBe('authz')
  })

  it.each([
    'samlCallout',
    'userName',
    'toString',
    'x:org.example.OwnPDP',
    'org.globus.wsrf.impl.X',
    'none:self',
    'NONE',
  ])('whose chain has the unknown point %s lets nobody in', (point) => {
    expect(step(`${transport}<authz value="none ${point}"/>`, node)).toBe('authz')
  })

  it('refuses limited proxies when it says so, even where no method is asked for', () => {
    const refusing = '<reject-limited-proxy value="true"/>'
    expect(step(`${transport}<authz value="none"/>${refusing}`, limited)).toBe('limited-proxy')
    expect(step(`${transport}<authz value="none"/>${refusing}`, alice)).toBe('accepted')
    expect(step(`${transport}<authz value="none"/><reject-limited-proxy value="false"/>`, limited)).toBe('accepted')
    expect(step(`${methods('<none/>')}${refusing}`, limited)).toBe('limited-proxy')
  })

  it('of a resource wins over its service’s, and that over the container’s, word by word', () => {
    const container = read('<authz value="gridmap"/><reject-limited-proxy value="true"/>', 'container')
    const service = read(`${transport}<gridmap value="etc/map"/>`)
    const resource = read(method('add', '<none/>'))
    expect(step({ container, service }, node)).toBe('authz')
    expect(step({ container, service }, limited)).toBe('limited-proxy')
    expect(step({ container, service: read(`${transport}<authz value="none"/>`) }, node)).toBe('accepted')
    expect(step({ container, service, resource }, nobody)).toBe('accepted')
    expect(step({ container }, nobody)).toBe('authz')
    const { gridMap, authz } = operationSecurity({ container, service, resource }, 'add')
    expect([gridMap?.level, gridMap?.what, authz?.level]).toEqual(['service', 'etc/map', 'container'])
  })

  it('says where it refused', () => {
    expect(ask(`\n${method('add', '<GSITransport/>')}`, nobody)).toEqual({
      accepted: false,
      code: 'DHN_UNAUTHENTICATED',
      rule: 'GSITransport',
      place: {
        kind: 'security-descriptor',
        where: '<method name="add"> of etc/x/security.xml',
        file: 'etc/x/security.xml',
        line: 2,
      },
      step: 'anonymous',
      reason: 'the caller has no certificate',
      credentials: { properties: [] },
    })
    expect(ask({ container: read('<authz value="a:b.C"/>', 'container') })).toMatchObject({
      code: 'DHN_NOT_AUTHORIZED',
      place: { kind: 'container-descriptor', where: '<authz> of etc/container-security.xml' },
      reason: "the decision point a:b.C isn't known on this node",
      credentials: { DN: '/O=Grid/CN=Alice', properties: [] },
    })
  })

  it('of the corpus opens its queries and closes the rest', () => {
    const index = parseSecurityDescriptor(corpus('index-security-config.xml'), 'service').descriptor
    const cds = parseSecurityDescriptor(corpus('security-desc.cds.xml'), 'service', { lenient: true }).descriptor
    const decide = (service: typeof index, operation: string, caller: typeof alice, given = tls) => {
      const decision = decideByDescriptor(operationSecurity({ service }, operation), caller, given, facts)
      return decision.accepted ? 'accepted' : decision.step
    }
    expect(decide(index, 'getResourceProperty', nobody, plain)).toBe('accepted')
    expect(decide(index, 'destroy', alice)).toBe('auth-method')
    expect(decide(cds, 'queryResourceProperties', nobody, plain)).toBe('accepted')
    expect(decide(cds, 'delegate', nobody)).toBe('anonymous')
    expect(decide(cds, 'delegate', alice, signed)).toBe('protection-level')
    expect(decide(cds, 'delegate', alice)).toBe('accepted')
  })
})
