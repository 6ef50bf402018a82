import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SecurityMethodUnknown } from '../../src/archive/archive-errors.ts'
import { describeArchive } from '../../src/archive/describe-archive.ts'
import { DescriptorRootWrong } from '../../src/archive/descriptor-reader.ts'
import { providerOperations } from '../../src/archive/provider-operations.ts'
import { parseSecurityDescriptor } from '../../src/archive/security-descriptor.ts'
import { securityDescriptorPath } from '../../src/archive/security-descriptor-path.ts'
import { checkDescribedMethods, lostWhenOpen, readSecurityDescriptors } from '../../src/archive/security-descriptors.ts'
import { parseWsdd } from '../../src/archive/wsdd.ts'
import { lostProtectionText } from '../../src/security/authorization/lost-protection.ts'
import { XmlDeclarationMisplaced, XmlRefused } from '../../src/xml/errors.ts'
import { echoFiles, makeGar } from '../support/archives.ts'
import { corpus } from '../support/corpus.ts'
import { folderForAll, readBytes } from '../support/read.ts'

const file = 'etc/security.xml'
const config = (inside: string) => `<securityConfig xmlns="http://www.globus.org">\n${inside}\n</securityConfig>`
const read = (inside: string, of: 'service' | 'container' = 'service') =>
  parseSecurityDescriptor(config(inside), of, { file })
const errors = (inside: string, of: 'service' | 'container' = 'service') =>
  read(inside, of)
    .problems.filter(({ level }) => level === 'error')
    .map(({ code }) => code)

describe('a security descriptor', () => {
  it('of the corpus: a method of the service, opened queries, a grid-map', () => {
    const { descriptor, problems } = parseSecurityDescriptor(corpus('index-security-config.xml'), 'service', { file })
    const none = [{ method: 'none' }]
    expect(descriptor).toEqual({
      file,
      authMethods: [{ method: 'GSISecureMessage' }],
      methods: [
        { name: 'queryResourceProperties', line: 5, authMethods: none },
        { name: 'getResourceProperty', line: 8, authMethods: none },
        { name: 'getResourceProperties', line: 11, authMethods: none },
        { name: 'getMultipleResourceProperties', line: 14, authMethods: none },
        { name: 'add', line: 17, authMethods: none },
      ],
      authz: [{ text: 'gridmap', kind: 'gridmap', prefix: 'gridmap' }],
      gridMap: '/etc/grid-security/grid-mapfile',
    })
    expect(problems.map(({ level, code }) => [level, code])).toEqual([['warning', 'security-unmeetable']])
  })

  it('of the corpus with a comment before its declaration is read leniently alone', () => {
    const bytes = corpus('security-desc.cds.xml')
    expect(() => parseSecurityDescriptor(bytes, 'service', { file })).toThrow(XmlDeclarationMisplaced)
    const { descriptor, problems } = parseSecurityDescriptor(bytes, 'service', { file, lenient: true })
    expect(descriptor).toMatchObject({
      authMethods: [{ method: 'GSITransport', protection: ['privacy'] }],
      runAs: 'system-identity',
      authz: [{ kind: 'none' }],
    })
    expect(descriptor.methods.map(({ name }) => name)).toEqual([
      'getServiceSecurityMetadata',
      'getMultipleResourceProperties',
      'getResourceProperty',
      'queryResourceProperties',
    ])
    expect(problems.map(({ code }) => code)).toEqual(['xml-declaration-misplaced'])
  })

  it('has everything that GT 4.0’s schema has, in any order', () => {
    const { descriptor, problems } = read(`
      <replay-attack-filter value="true"/>
      <replay-attack-window value="5"/>
      <gridmap value="etc/map"/>
      <context-lifetime value="1000"/>
      <reject-limited-proxy value="true"/>
      <authz value="me:org.globus.wsrf.impl.security.authorization.HostAuthorization, self
        gridmap"/>
      <credential><cert-file value="c.pem"/><key-file value="k.pem"/></credential>
      <proxy-file value="p.pem"/>
      <run-as><service-identity/></run-as>
      <auth-method>
        <GSITransport><protection-level><privacy/><integrity/></protection-level></GSITransport>
        <GSISecureMessage/>
      </auth-method>
      <method xmlns:c="urn:c" name="c:add"><run-as><resource-identity/></run-as></method>
      <methods><method name="{urn:d}add"><auth-method><GSISecureTransport/></auth-method></method></methods>`)
    expect(problems).toEqual([])
    expect(descriptor).toEqual({
      file,
      replayAttackFilter: true,
      replayAttackWindow: 5,
      gridMap: 'etc/map',
      contextLifetime: 1000,
      rejectLimitedProxy: true,
      authz: [
        { text: 'me:org.globus.wsrf.impl.security.authorization.HostAuthorization', kind: 'host', prefix: 'me' },
        { text: 'self', kind: 'self', prefix: 'self' },
        { text: 'gridmap', kind: 'gridmap', prefix: 'gridmap' },
      ],
      credential: { certFile: 'c.pem', keyFile: 'k.pem', proxyFile: 'p.pem' },
      runAs: 'service-identity',
      authMethods: [{ method: 'GSITransport', protection: ['privacy', 'integrity'] }, { method: 'GSISecureMessage' }],
      methods: [
        { name: 'add', namespace: 'urn:c', line: 17, runAs: 'resource-identity' },
        { name: 'add', namespace: 'urn:d', line: 18, authMethods: [{ method: 'GSITransport' }] },
      ],
    })
  })

  it('of the container has timers, and neither methods nor run-as', () => {
    const timers = '<context-timer-interval value="12000"/><replay-timer-interval value="1000"/>'
    expect(read(`${timers}<authz value="none"/>`, 'container')).toMatchObject({
      descriptor: { contextTimerInterval: 12000, replayTimerInterval: 1000, methods: [] },
      problems: [],
    })
    expect(errors(timers)).toEqual(['security-unknown-element', 'security-unknown-element'])
    const service = '<method name="a"/><auth-method><none/></auth-method><run-as><system-identity/></run-as>'
    expect(errors(service, 'container')).toEqual(Array(3).fill('security-unknown-element'))
  })

  it.each([
    ['an unknown element', '<auth-metod><none/></auth-metod>', 'security-unknown-element'],
    ['an unknown method of authentication', '<auth-method><Kerberos/></auth-method>', 'security-unknown-element'],
    ['an unknown element in a method', '<method name="a"><authz value="none"/></method>', 'security-unknown-element'],
    ['an element of another namespace', '<authz xmlns="urn:x" value="none"/>', 'security-namespace'],
    ['an unknown attribute', '<method nane="a" name="b"/>', 'security-unknown-attribute'],
    ['an unknown attribute of a value', '<authz vaule="self" value="none"/>', 'security-unknown-attribute'],
    ['two of one element', '<authz value="self"/><authz value="none"/>', 'security-repeated'],
    ['a method twice', '<method name="a"/><method name="a"/>', 'security-method-repeated'],
    ['a method without a name', '<method/>', 'security-no-name'],
    ['a method whose prefix is unbound', '<method name="x:a"/>', 'security-method-name'],
    ['a method that is no name', '<method name="a b"/>', 'security-method-name'],
    ['an empty auth-method', '<auth-method/>', 'security-no-auth-method'],
    ['none among others', '<auth-method><none/><GSITransport/></auth-method>', 'security-none-among-others'],
    [
      'an empty level',
      '<auth-method><GSITransport><protection-level/></GSITransport></auth-method>',
      'security-no-level',
    ],
    [
      'a level that isn’t known',
      '<auth-method><GSITransport><protection-level><secrecy/></protection-level></GSITransport></auth-method>',
      'security-unknown-element',
    ],
    ['no identity to run as', '<run-as/>', 'security-run-as'],
    ['two identities to run as', '<run-as><system-identity/><caller-identity/></run-as>', 'security-run-as'],
    ['a chain without points', '<authz value=" , "/>', 'security-authz-empty'],
    ['a chain without a value', '<authz>self</authz>', 'security-no-value'],
    ['text where nothing reads it', '<auth-method><none>GSITransport</none></auth-method>', 'security-text'],
    ['text between elements', '<authz value="none"/>self', 'security-text'],
    ['a truth that is none', '<reject-limited-proxy value="maybe"/>', 'security-boolean'],
    ['a number that is none', '<replay-attack-window value="-1"/>', 'security-number'],
    ['a certificate without its key', '<credential><cert-file value="c"/></credential>', 'security-credential'],
  ])('with %s is refused', (_, inside, code) => {
    expect(errors(inside)).toContain(code)
  })

  it('that is refused stays closed as far as it was read', () => {
    expect(read('<auth-method/>').descriptor.authMethods).toEqual([])
    expect(read('<auth-method><none/><GSITransport/></auth-method>').descriptor.authMethods).toEqual([
      { method: 'GSITransport' },
    ])
    expect(read('<reject-limited-proxy value="maybe"/>').descriptor.rejectLimitedProxy).toBe(true)
  })

  it('warns of what lets nobody in here', () => {
    const codes = (inside: string) => read(inside).problems.map(({ level, code }) => `${level} ${code}`)
    expect(codes('<authz value="samlCallout"/>')).toEqual(['warning security-authz-unknown'])
    expect(codes('<authz value="a:org.example.PDP"/>')).toEqual(['warning security-authz-unknown'])
    expect(codes('<method name="a"><auth-method><GSISecureConversation/></auth-method></method>')).toEqual([
      'warning security-unmeetable',
    ])
    expect(codes('<run-as><caller-identity/></run-as>')).toEqual(['warning security-run-as-caller'])
  })

  it('has Globus’ root, and no document type', () => {
    expect(() => parseSecurityDescriptor('<securityConfig/>', 'service', { file })).toThrow(DescriptorRootWrong)
    expect(() => parseSecurityDescriptor(`<!DOCTYPE a>${config('')}`, 'service', { file })).toThrow(XmlRefused)
  })

  it('of any elements in any places is read without a throw, and what isn’t known is an error', () => {
    const names = [
      'method',
      'auth-method',
      'none',
      'GSITransport',
      'protection-level',
      'privacy',
      'run-as',
      'authz',
      'x',
    ]
    const tree = fc.letrec<{ element: string }>((tie) => ({
      element: fc
        .tuple(
          fc.constantFrom(...names),
          fc.constantFrom('', ' name="a"', ' value="none"', ' value=""'),
          fc.array(fc.oneof({ maxDepth: 4 }, fc.constant('t'), tie('element')), { maxLength: 3 }),
        )
        .map(([name, attributes, children]) => `<${name}${attributes}>${children.join('')}</${name}>`),
    })).element
    fc.assert(
      fc.property(tree, (inside) => {
        const { descriptor } = read(inside)
        expect(JSON.parse(JSON.stringify(descriptor))).toEqual(descriptor)
        if (inside.includes('<x')) expect(errors(inside)).not.toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})

describe('the path of a security descriptor', () => {
  const files = new Set([
    'etc/security.xml',
    'etc/sub/s.xml',
    'lib/org/x/security.xml',
    'share/s.xml',
    'server-deploy.wsdd',
  ])
  const path = (written: string) => securityDescriptorPath(written, 'my.gar-1', files)

  it('is one inside the GAR: its configuration folder, its class path, itself', () => {
    expect(path('etc/my.gar-1/security.xml')).toEqual({
      inArchive: 'etc/security.xml',
      inDeployment: 'etc/my.gar-1/security.xml',
    })
    expect(path(' ./etc/my.gar-1/sub/s.xml\n')).toMatchObject({ inArchive: 'etc/sub/s.xml' })
    expect(path('org/x/security.xml')).toEqual({
      inArchive: 'lib/org/x/security.xml',
      inDeployment: 'lib/org/x/security.xml',
    })
    expect(path('etc/security.xml')).toMatchObject({ inDeployment: 'etc/my.gar-1/security.xml' })
    expect(path('share/s.xml')).toMatchObject({ inArchive: 'share/s.xml' })
  })

  it.each([
    '/etc/grid-security/security.xml',
    '/etc/my.gar-1/security.xml',
    '../security.xml',
    'etc/my.gar-1/../security.xml',
    'etc/my.gar-1/../../other/security.xml',
    'etc/my.gar-1//security.xml',
    'etc/./security.xml',
    'etc\\my.gar-1\\security.xml',
    'C:\\security.xml',
    'file:///etc/security.xml',
    'http://x.org/security.xml',
    '@config.dir@/security.xml',
    'etc/other/security.xml',
    'etc/my.gar-1/absent.xml',
    '',
    '.',
    'etc/my.gar-1/',
    'etc/my.gar-1/security.xml\u0000.txt',
  ])('is not %j', (written) => {
    expect(path(written)).toEqual(expect.any(String))
  })
})

describe('the security of a WSDD', () => {
  const service = (name: string, parameters: Readonly<Record<string, string>>) =>
    `<service name="${name}" provider="Handler">${Object.entries({ className: 'a.B', handlerClass: 'x', ...parameters })
      .map(([key, value]) => `<parameter name="${key}" value="${value}"/>`)
      .join('')}</service>`
  const wsdd = (...services: readonly string[]) =>
    parseWsdd(`<deployment xmlns="http://xml.apache.org/axis/wsdd/">${services.join('')}</deployment>`)
  const contents: Readonly<Record<string, string>> = {
    'etc/good.xml': config('<auth-method><GSITransport/></auth-method><method name="add"/>'),
    'etc/odd.xml': config('<authz value="none"/><x/>'),
    'etc/broken.xml': '<securityConfig',
    'etc/other.xml': '<other/>',
  }
  const gar = {
    garId: 'g',
    files: new Set(Object.keys(contents)),
    read: (path: string) => Buffer.from(contents[path] as string),
  }
  const security = (...services: readonly string[]) =>
    readSecurityDescriptors(wsdd(...services), 'etc/deploy-server.wsdd', gar)
  const at = (name: string) => ({ securityDescriptor: `etc/g/${name}.xml` })

  it('is read for each service that names a descriptor, with the path in its deployment', () => {
    const { descriptors, problems } = security(
      service('A/B', at('good')),
      service('A/C', at('good')),
      service('A/D', {}),
    )
    expect(problems).toEqual([])
    expect([...descriptors.keys()]).toEqual(['A/B', 'A/C'])
    expect(descriptors.get('A/B')?.file).toBe('etc/g/good.xml')
  })

  it.each([
    ['absent', 'security-descriptor-missing', 'etc/deploy-server.wsdd'],
    ['broken', 'security-unreadable', 'etc/broken.xml'],
    ['other', 'security-unreadable', 'etc/other.xml'],
    ['odd', 'security-unknown-element', 'etc/odd.xml'],
  ])('refuses the deployment when the descriptor is %s', (name, code, where) => {
    const { problems } = security(service('A/B', at(name)), service('A/C', at(name)))
    expect(problems).toContainEqual(expect.objectContaining({ level: 'error', code, file: where }))
  })

  it('refuses a descriptor that names a method its service can’t have', () => {
    const codes = (parameters: Readonly<Record<string, string>>) =>
      security(service('A/B', { ...at('good'), ...parameters })).problems.map(({ code, line }) => [code, line])
    expect(codes({ allowedMethods: 'add get' })).toEqual([])
    expect(codes({ allowedMethods: '*' })).toEqual([])
    expect(codes({ allowedMethods: 'get' })).toEqual([['security-method-unknown', 2]])
  })

  it('is held against the methods that the service turns out to have', () => {
    const { descriptor } = parseSecurityDescriptor(corpus('index-security-config.xml'), 'service', { file })
    const index = { name: 'Index', providers: ['GetRPProvider', 'GetMRPProvider', 'org.x.QueryRPProvider'] }
    expect(() => checkDescribedMethods(descriptor, index, ['add', 'getResourceProperties'])).not.toThrow()
    expect(() => checkDescribedMethods(descriptor, index, ['add'])).toThrow(
      expect.objectContaining({ code: 'DHN_SECURITY_METHOD_UNKNOWN', methods: ['getResourceProperties'] }),
    )
    expect(() => checkDescribedMethods(descriptor, { name: 'Index', providers: [] }, [])).toThrow(SecurityMethodUnknown)
  })

  it('knows the operations that providers add', () => {
    expect(providerOperations(['GCUBEProvider', 'constructor', 'org.x.Own'])).toContain('queryResourceProperties')
    expect(providerOperations(['org.globus.wsrf.impl.lifetime.DestroyProvider'])).toEqual(['destroy', 'Destroy'])
  })

  it('says what is lost when the open WSDD is live', () => {
    const [secure, open] = [
      wsdd(service('A/B', { ...at('good'), allowedMethods: 'add get' }), service('A/Only', at('good'))),
      wsdd(service('A/B', { allowedMethods: 'add get' }), service('A/New', {})),
    ]
    const secured = (one: typeof secure) => ({
      wsdd: one,
      security: readSecurityDescriptors(one, 'x', gar).descriptors,
    })
    expect(lostWhenOpen(secured(secure), secured(open)).map(lostProtectionText)).toEqual(['A/B/add', 'A/B/get'])
    expect(lostWhenOpen(secured(secure), secured(secure))).toEqual([])
  })

  it('passes over a container’s descriptor, which is the node’s own', () => {
    const text = `<deployment xmlns="http://xml.apache.org/axis/wsdd/"><globalConfiguration>
      <parameter name="containerSecDesc" value="etc/g/good.xml"/></globalConfiguration></deployment>`
    expect(readSecurityDescriptors(parseWsdd(text), 'server-deploy.wsdd', gar).problems).toEqual([
      expect.objectContaining({ level: 'warning', code: 'security-container' }),
    ])
  })
})

describe('an archive', () => {
  const folder = folderForAll()
  const described = async (securityDescriptor: string) => {
    const files = { ...echoFiles, 'etc/security_descriptor.xml': securityDescriptor }
    return describeArchive(await readBytes(folder, 'echo.gar', makeGar(files)))
  }

  it('whose security descriptor says more than is known can’t be deployed', async () => {
    const good = await described(config('<auth-method><GSITransport/></auth-method>'))
    expect(good.deployable).toEqual({ secure: true, open: true })
    expect(good.gar?.secureOpenDifference?.lost).toEqual([
      { service: 'Samples/Echo', operation: '*', except: [], lost: ['authentication', 'level'] },
    ])
    const odd = await described(config('<auth-method><Kerberos/></auth-method>'))
    expect(odd.deployable.secure).toBe(false)
    expect(odd.problems).toContainEqual(
      expect.objectContaining({
        level: 'error',
        code: 'security-unknown-element',
        file: 'etc/security_descriptor.xml',
      }),
    )
  })
})
