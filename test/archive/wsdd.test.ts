import { describe, expect, it } from 'vitest'
import { DescriptorRootWrong } from '../../src/archive/descriptor-reader.ts'
import { parseWsdd, type Wsdd, type WsddService } from '../../src/archive/wsdd.ts'
import { corpus } from '../support/corpus.ts'

const axis = 'http://xml.apache.org/axis/wsdd/'
const wsdd = (body: string, more = '') => parseWsdd(`<deployment xmlns="${axis}"${more}>${body}</deployment>`)
const service = (body: string, attributes = 'name="S" provider="java:RPC"') => {
  const read = wsdd(`<service ${attributes}><parameter name="className" value="C"/>${body}</service>`)
  return { ...(read.services[0] as WsddService), problems: read.problems }
}
const codes = ({ problems }: Pick<Wsdd, 'problems'>) => problems.map(({ level, code }) => `${level} ${code}`)

/** What each service of the corpus has in common. */
const usual = {
  provider: 'Handler',
  use: 'literal',
  style: 'document',
  handlerClass: 'org.globus.axis.providers.RPCProvider',
  scope: 'Application',
  loadOnStartup: false,
  allowedMethods: '*',
  allowedMethodsClass: undefined,
  securityDescriptor: undefined,
  namespaces: [],
  typeMappings: [],
  operations: [],
  documentation: undefined,
  requestFlow: [],
  responseFlow: [],
}
const deployment = (services: unknown[]) => ({
  name: 'defaultServerConfig',
  globalParameters: new Map(),
  requestFlow: [],
  responseFlow: [],
  handlers: [],
  transports: [],
  typeMappings: [],
  services,
  problems: [],
})

describe('the WSDD files of the corpus say what they say', () => {
  it('deployer: one secured service that is made at start', () => {
    expect(parseWsdd(corpus('deploy-server.wsdd.deployer.xml'))).toStrictEqual(
      deployment([
        {
          ...usual,
          name: 'gcube/common/vremanagement/Deployer',
          className: 'org.gcube.common.vremanagement.deployer.impl.Deployer',
          loadOnStartup: true,
          providers: ['GCUBEProvider', 'GetCurrentMessageProvider'],
          securityDescriptor: '@config.dir@/security_descriptor.xml',
          wsdlFile: 'share/schema/deployer/Deployer_service.wsdl',
          parameters: new Map([
            ['className', 'org.gcube.common.vremanagement.deployer.impl.Deployer'],
            ['allowedMethods', '*'],
            ['handlerClass', 'org.globus.axis.providers.RPCProvider'],
            ['scope', 'Application'],
            ['providers', 'GCUBEProvider GetCurrentMessageProvider'],
            ['loadOnStartup', 'true'],
            ['securityDescriptor', '@config.dir@/security_descriptor.xml'],
          ]),
        },
      ]),
    )
  })

  it('tree-manager: three services with slashes in their names', () => {
    const one = (name: string, className: string, provider: string) => ({
      ...usual,
      name: `gcube/data/tm/${name}`,
      className: `org.gcube.data.tm.services.${className}Service`,
      loadOnStartup: true,
      providers: [provider],
      wsdlFile: `share/schema/tree-manager/${className}_service.wsdl`,
      parameters: new Map([
        ['className', `org.gcube.data.tm.services.${className}Service`],
        ['allowedMethods', '*'],
        ['handlerClass', 'org.globus.axis.providers.RPCProvider'],
        ['scope', 'Application'],
        ['providers', provider],
        ['loadOnStartup', 'true'],
      ]),
    })
    expect(parseWsdd(corpus('deploy-server.wsdd.tree-manager.xml'))).toStrictEqual(
      deployment([
        one('binder', 'TBinder', 'GCUBEProvider'),
        one('reader', 'TReader', 'GCUBENotificationProvider'),
        one('writer', 'TWriter', 'GCUBENotificationProvider'),
      ]),
    )
  })

  it('math-factory: a service and its factory, which names it in a parameter of its own', () => {
    expect(parseWsdd(corpus('deploy-server.wsdd.math-factory.xml'))).toStrictEqual(
      deployment([
        {
          ...usual,
          name: 'examples/core/factory/MathService',
          className: 'org.globus.examples.services.core.factory.impl.MathService',
          providers: ['GetRPProvider', 'SetRPProvider', 'DestroyProvider', 'SetTerminationTimeProvider'],
          wsdlFile: 'share/schema/examples/MathService_instance/Math_service.wsdl',
          parameters: new Map([
            ['className', 'org.globus.examples.services.core.factory.impl.MathService'],
            ['allowedMethods', '*'],
            ['handlerClass', 'org.globus.axis.providers.RPCProvider'],
            ['scope', 'Application'],
            ['providers', 'GetRPProvider SetRPProvider DestroyProvider SetTerminationTimeProvider'],
          ]),
        },
        {
          ...usual,
          name: 'examples/core/factory/MathFactoryService',
          className: 'org.globus.examples.services.core.factory.impl.MathFactoryService',
          providers: [],
          wsdlFile: 'share/schema/examples/FactoryService/Factory_service.wsdl',
          parameters: new Map([
            ['className', 'org.globus.examples.services.core.factory.impl.MathFactoryService'],
            ['allowedMethods', '*'],
            ['handlerClass', 'org.globus.axis.providers.RPCProvider'],
            ['scope', 'Application'],
            ['instance', 'examples/core/factory/MathService'],
          ]),
        },
      ]),
    )
  })

  it('servicegroup: providers by class name, and a service of java:RPC', () => {
    const group = 'org.globus.wsrf.impl.servicegroup'
    const registration = `${group}.ServiceGroupRegistrationProvider`
    expect(parseWsdd(corpus('server-deploy.wsdd.servicegroup.xml'))).toStrictEqual(
      deployment([
        {
          ...usual,
          name: 'InMemoryServiceGroup',
          className: `${group}.inmemory.InMemoryServiceGroupService`,
          providers: [registration, 'SetTerminationTimeProvider', 'DestroyProvider'],
          wsdlFile: 'share/schema/inmemorysg/InMemoryServiceGroup_service.wsdl',
          parameters: new Map([
            ['scope', 'Application'],
            ['allowedMethods', '*'],
            ['className', `${group}.inmemory.InMemoryServiceGroupService`],
            ['providers', `${registration} SetTerminationTimeProvider DestroyProvider`],
            ['handlerClass', 'org.globus.axis.providers.RPCProvider'],
          ]),
        },
        {
          ...usual,
          name: 'InMemoryServiceGroupEntry',
          className: 'org.globus.wsrf.impl.lifetime.DestroyProvider',
          providers: ['SetTerminationTimeProvider', 'DestroyProvider', 'GetRPProvider', 'GetMRPProvider'],
          wsdlFile: 'share/schema/inmemorysg/InMemoryServiceGroupEntry_service.wsdl',
          parameters: new Map([
            ['handlerClass', 'org.globus.axis.providers.RPCProvider'],
            ['providers', 'SetTerminationTimeProvider DestroyProvider GetRPProvider GetMRPProvider '],
            ['scope', 'Application'],
            ['allowedMethods', '*'],
            ['className', 'org.globus.wsrf.impl.lifetime.DestroyProvider'],
          ]),
        },
        {
          ...usual,
          name: 'InMemoryServiceGroupFactory',
          provider: 'java:RPC',
          className: `${group}.inmemory.InMemoryServiceGroupFactory`,
          handlerClass: undefined,
          providers: [],
          wsdlFile: 'share/schema/inmemorysg/BoringFactory_service.wsdl',
          parameters: new Map([
            ['scope', 'Application'],
            ['allowedMethods', '*'],
            ['className', `${group}.inmemory.InMemoryServiceGroupFactory`],
          ]),
        },
      ]),
    )
  })
})

describe('a WSDD', () => {
  it('of a whole container keeps its global configuration, handlers, transports and type mappings', () => {
    const read = parseWsdd(`<?xml version="1.0"?>
      <!-- a container -->
      <w:deployment name="defaultServerConfig" xmlns:w="${axis}" xmlns:java="${axis}providers/java" xmlns:rp="urn:rp">
        <w:globalConfiguration>
          <w:parameter name="logicalHost" value="localhost"/>
          <w:parameter name="GetRPProvider" value="org.x.GetRPProvider"/>
          <w:requestFlow>
            <w:handler type="java:org.x.AddressingHandler"/>
            <w:chain><w:handler type="URLMapper"><w:parameter name="p" value="v"/></w:handler></w:chain>
          </w:requestFlow>
          <w:responseFlow><w:handler name="out" type="java:org.x.WSDLHandler"/></w:responseFlow>
        </w:globalConfiguration>
        <w:handler name="URLMapper" type="java:org.apache.axis.handlers.http.URLMapper"/>
        <w:service name="S" provider="java:MSG">
          <w:documentation> It serves. </w:documentation>
          <w:namespace>urn:one</w:namespace>
          <w:namespace>
            urn:two
          </w:namespace>
          <w:parameter name="className" value=" org.x.S "/>
          <w:wsdlFile><![CDATA[share/schema/S.wsdl]]>
          </w:wsdlFile>
          <w:operation name="add" qname="o:add" xmlns:o="urn:o"><w:parameter name="n" type="xsd:int"/></w:operation>
          <w:beanMapping qname="ns:Bean" languageSpecificType="java:org.x.Bean" xmlns:ns="urn:bean"/>
          <w:arrayMapping qname="none:Array" innerType="rp:T"/>
          <w:requestFlow><w:handler type="java:org.x.Own"/></w:requestFlow>
        </w:service>
        <w:transport name="http">
          <w:parameter name="qs:list" value="org.apache.axis.transport.http.QSListHandler"/>
          <w:requestFlow><w:handler type="java:org.x.HTTPAuthHandler"/></w:requestFlow>
          <w:responseFlow/>
        </w:transport>
        <w:transport name="out" pivot="java:org.x.Sender"/>
        <w:typeMapping qname="rp:&gt;Set" type="java:org.x.Set" encodingStyle=""/>
      </w:deployment>`)
    const handler = (type: string, parameters = {}, name?: string) => ({
      name,
      type,
      parameters: new Map(Object.entries(parameters)),
    })
    expect(read.globalParameters).toEqual(
      new Map([
        ['logicalHost', 'localhost'],
        ['GetRPProvider', 'org.x.GetRPProvider'],
      ]),
    )
    expect(read.requestFlow).toEqual([handler('java:org.x.AddressingHandler'), handler('URLMapper', { p: 'v' })])
    expect(read.responseFlow).toEqual([handler('java:org.x.WSDLHandler', {}, 'out')])
    expect(read.handlers).toEqual([handler('java:org.apache.axis.handlers.http.URLMapper', {}, 'URLMapper')])
    expect(read.transports).toEqual([
      {
        name: 'http',
        pivot: undefined,
        parameters: new Map([['qs:list', 'org.apache.axis.transport.http.QSListHandler']]),
        requestFlow: [handler('java:org.x.HTTPAuthHandler')],
        responseFlow: [],
      },
      { name: 'out', pivot: 'java:org.x.Sender', parameters: new Map(), requestFlow: [], responseFlow: [] },
    ])
    expect(read.typeMappings).toEqual([
      {
        element: 'typeMapping',
        attributes: { qname: 'rp:>Set', type: 'java:org.x.Set', encodingStyle: '' },
        qname: { namespace: 'urn:rp', local: '>Set' },
      },
    ])
    expect(read.services).toEqual([
      {
        ...usual,
        name: 'S',
        provider: 'java:MSG',
        use: undefined,
        style: undefined,
        className: 'org.x.S',
        handlerClass: undefined,
        scope: 'Request',
        providers: [],
        parameters: new Map([['className', ' org.x.S ']]),
        wsdlFile: 'share/schema/S.wsdl',
        namespaces: ['urn:one', 'urn:two'],
        documentation: 'It serves.',
        operations: [
          { name: 'add', attributes: { name: 'add', qname: 'o:add' }, parameters: [{ name: 'n', type: 'xsd:int' }] },
        ],
        typeMappings: [
          {
            element: 'beanMapping',
            attributes: { qname: 'ns:Bean', languageSpecificType: 'java:org.x.Bean' },
            qname: { namespace: 'urn:bean', local: 'Bean' },
          },
          { element: 'arrayMapping', attributes: { qname: 'none:Array', innerType: 'rp:T' }, qname: undefined },
        ],
        requestFlow: [handler('java:org.x.Own')],
      },
    ])
    expect(read.problems).toEqual([])
  })

  it('reads lists with line ends, tabs and commas', () => {
    const read = service(`<parameter name="providers" value="A&#10;\n\tB  C"/>
      <parameter name="allowedMethods" value="add, subtract\n  multiply"/>`)
    expect(read.providers).toEqual(['A', 'B', 'C'])
    expect(read.allowedMethods).toEqual(['add', 'subtract', 'multiply'])
    expect(read.problems).toEqual([])
  })

  it.each([
    ['*', '*', []],
    ['add *', '*', []],
    [' ', [], ['warning wsdd-no-methods']],
  ])('allows for allowedMethods “%s” %j', (text, methods, problems) => {
    const read = service(`<parameter name="allowedMethods" value="${text}"/>`)
    expect(read.allowedMethods).toEqual(methods)
    expect(codes(read)).toEqual(problems)
  })

  it.each([
    ['Application', 'Application', []],
    ['application', 'Application', ['warning wsdd-scope']],
    ['Session', 'Session', ['warning wsdd-session']],
    ['Global', 'Request', ['error wsdd-scope']],
  ])('reads the scope %s as %s', (text, scope, problems) => {
    const read = service(`<parameter name="scope" value="${text}"/>`)
    expect(read.scope).toBe(scope)
    expect(codes(read)).toEqual(problems)
  })

  it.each([
    ['true', true, []],
    ['TRUE', true, []],
    ['1', true, []],
    ['yes', true, []],
    [' false ', false, []],
    ['0', false, []],
    ['perhaps', false, ['error wsdd-boolean']],
    ['', false, ['error wsdd-boolean']],
  ])('reads loadOnStartup “%s” as %s', (text, value, problems) => {
    const read = service(`<parameter name="loadOnStartup" value="${text}"/>`)
    expect(read.loadOnStartup).toBe(value)
    expect(codes(read)).toEqual(problems)
  })

  it('reports what would be lost as an error, with file and line', () => {
    const read = parseWsdd(
      `<deployment xmlns="${axis}" xmlns:o="urn:other">
        <service provider="java:RPC"><parameter name="className" value="C"/></service>
        <service name="twice" provider="java:RPC"><parameter name="className" value="C"/></service>
        <service name="twice" provider="java:RPC"><parameter name="className" value="D"/></service>
        <service name="bare" provider="java:RPC"><parameter value="x"/></service>
        <o:service name="foreign"/>
      </deployment>`,
      { file: 'server-deploy.wsdd' },
    )
    expect(read.services.map(({ name, className }) => [name, className])).toEqual([
      ['twice', 'C'],
      ['twice', 'D'],
      ['bare', undefined],
    ])
    const file = 'server-deploy.wsdd'
    expect(read.problems).toEqual([
      { level: 'error', code: 'wsdd-no-name', message: '<service> has no name', file, line: 2 },
      { level: 'error', code: 'wsdd-service-repeated', message: 'the service twice stands twice', file, line: 4 },
      { level: 'error', code: 'wsdd-no-name', message: '<parameter> has no name', file, line: 5 },
      { level: 'error', code: 'wsdd-no-class', message: 'the service bare has no className', file, line: 5 },
      {
        level: 'error',
        code: 'wsdd-namespace',
        message: "{urn:other}service has a namespace that is not the file's",
        file,
        line: 6,
      },
    ])
  })

  it('reports what is odd and goes on', () => {
    const read = service(
      `<parameter name="p" value="1"/><parameter name="p" value="2"/><parameter name="q">text</parameter>
       <wsdlFile>a.wsdl</wsdlFile><wsdlFile>b.wsdl</wsdlFile><surprise/>stray`,
      'name="S" provider="Handler" streaming="on" xmlns:xsi="urn:xsi" xsi:type="x"',
    )
    expect([read.parameters.get('p'), read.parameters.get('q'), read.wsdlFile]).toEqual(['2', 'text', 'a.wsdl'])
    expect(codes(read)).toEqual([
      'note wsdd-unknown-attribute',
      'warning wsdd-parameter-repeated',
      'warning wsdd-no-value',
      'warning wsdd-wsdl-repeated',
      'warning wsdd-unknown-element',
      'warning wsdd-text',
      'warning wsdd-no-handler-class',
    ])
    expect(codes(wsdd(''))).toEqual(['warning wsdd-no-service'])
    expect(codes(service('', 'name="S"'))).toEqual(['warning wsdd-no-provider'])
  })

  it.each([
    ['another root', `<undeployment xmlns="${axis}"><service name="S"/></undeployment>`],
    ['another namespace', '<deployment xmlns="http://xml.apache.org/axis2/wsdd/"/>'],
    ['no namespace', '<deployment/>'],
  ])('is refused with %s', (_, text) => {
    expect(() => parseWsdd(text, { file: 'x.wsdd' })).toThrow(DescriptorRootWrong)
    expect(() => parseWsdd(text, { file: 'x.wsdd' })).toThrow(/^x\.wsdd, line 1: the root element is .*deployment/)
  })

  it('keeps names of Object.prototype harmless', () => {
    const read = service(
      '<parameter name="__proto__" value="1"/><parameter name="constructor" value="2"/><constructor/><typeMapping __proto__="3"/>',
    )
    expect(read.parameters.get('__proto__')).toBe('1')
    expect(read.parameters.get('constructor')).toBe('2')
    expect(codes(read)).toEqual(['warning wsdd-unknown-element'])
    expect(Object.entries(read.typeMappings[0]?.attributes ?? {})).toEqual([['__proto__', '3']])
  })

  it('is read leniently behind a licence comment, which is reported', () => {
    const text = `<!-- licence -->\n<?xml version="1.0"?>\n<deployment xmlns="${axis}"><service name="S" provider="java:RPC"><parameter name="className" value="C"/></service></deployment>`
    expect(() => parseWsdd(text, { file: 'x.wsdd' })).toThrow(
      'x.wsdd, line 1: a comment stands before the XML declaration',
    )
    const read = parseWsdd(text, { file: 'x.wsdd', lenient: true })
    expect(codes(read)).toEqual(['warning xml-declaration-misplaced'])
    expect(read.services).toHaveLength(1)
  })
})
