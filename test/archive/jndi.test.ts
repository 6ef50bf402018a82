import { describe, expect, it } from 'vitest'
import { bindJndi } from '../../src/archive/bind-jndi.ts'
import { DescriptorRootWrong } from '../../src/archive/descriptor-reader.ts'
import { type JndiConfig, parseJndi } from '../../src/archive/jndi.ts'
import { corpus } from '../support/corpus.ts'

const namespace = 'http://wsrf.globus.org/jndi/config'
const jndi = (body: string) => parseJndi(`<jndiConfig xmlns="${namespace}">${body}</jndiConfig>`, { file: 'j.xml' })
const codes = ({ problems }: Pick<JndiConfig, 'problems'>) => problems.map(({ level, code }) => `${level} ${code}`)
const context = (parts: object) => ({ environments: [], resources: [], links: [], ...parts })
const environment = (name: string, value: string | number | boolean, type = 'java.lang.String') => ({
  name,
  type,
  text: String(value),
  value,
  override: false,
})
const factory = ['factory', 'org.globus.wsrf.jndi.BeanFactory'] as const

describe('the JNDI files of the corpus say what they say', () => {
  it('GHNConfig: the settings of a node, all global', () => {
    const environments = [
      environment('securityenabled', false, 'java.lang.Boolean'),
      environment('mode', 'STANDALONE'),
      environment('startScopes', 'devsec'),
      environment('allowedScopes', ''),
      environment('infrastructure', 'gcube'),
      environment('labels', 'GHNLabels.xml'),
      environment('GHNtype', 'DYNAMIC'),
      environment('localProxy', '/home/globus/...'),
      environment('coordinates', '55.885728,-4.342378'),
      environment('country', 'uk'),
      environment('location', 'Glasgow'),
      environment('updateInterval', 60, 'java.lang.Long'),
      environment('trustedGHNSynchInterval', 600, 'java.lang.Long'),
    ]
    const config = parseJndi(corpus('GHNConfig.xml'))
    expect(config).toStrictEqual({ global: context({ environments }), services: new Map(), problems: [] })
    expect(bindJndi(config)).toEqual(
      Object.fromEntries(environments.map(({ name, value }) => [`java:comp/env/${name}`, value])),
    )
  })

  it('sample-service: a service context that matches no WSDD service, and one that does', () => {
    const config = parseJndi(corpus('deploy-jndi-config.sample-service.xml'))
    expect(config).toStrictEqual({
      global: context({}),
      services: new Map([
        ['acme/sample', context({ environments: [environment('configDir', '@config.dir@')] })],
        [
          'acme/sample/stateless',
          context({ environments: [environment('showImplementationClass', true, 'java.lang.Boolean')] }),
        ],
      ]),
      problems: [],
    })
    expect(bindJndi(config)).toEqual({
      'java:comp/env/services/acme/sample/configDir': '@config.dir@',
      'java:comp/env/services/acme/sample/stateless/showImplementationClass': true,
    })
  })

  it('resourcemanager: environments beside a home', () => {
    const config = parseJndi(corpus('deploy-jndi-config.resourcemanager.xml'))
    const name = 'gcube/vremanagement/ResourceManager'
    const impl = 'org.gcube.vremanagement.resourcemanager.impl'
    expect(config).toStrictEqual({
      global: context({}),
      services: new Map([
        [
          `${name}/service`,
          context({
            environments: [
              environment('configDir', '@config.dir@'),
              environment('resourceBrokerClass', `${impl}.brokerage.InternalBroker`),
            ],
          }),
        ],
        [
          name,
          context({
            environments: [environment('name', 'ResourceManager')],
            resources: [
              {
                name: 'home',
                type: `${impl}.state.ResourceManagerHome`,
                parameters: new Map([factory, ['resourceClass', `${impl}.state.InstanceState`]]),
              },
            ],
          }),
        ],
      ]),
      problems: [],
    })
    expect(bindJndi(config)).toEqual({
      [`java:comp/env/services/${name}/service/configDir`]: '@config.dir@',
      [`java:comp/env/services/${name}/service/resourceBrokerClass`]: `${impl}.brokerage.InternalBroker`,
      [`java:comp/env/services/${name}/name`]: 'ResourceManager',
      [`java:comp/env/services/${name}/home`]: {
        type: `${impl}.state.ResourceManagerHome`,
        parameters: { factory: factory[1], resourceClass: `${impl}.state.InstanceState` },
      },
    })
  })

  it('math-factory: a home with its key, and a link to it from another service', () => {
    const config = parseJndi(corpus('deploy-jndi-config.math-factory.xml'))
    const math = 'examples/core/factory/MathService'
    const impl = 'org.globus.examples.services.core.factory.impl'
    const parameters = [
      ['resourceClass', `${impl}.MathResource`],
      factory,
      ['resourceKeyType', 'java.lang.Integer'],
      ['resourceKeyName', '{http://www.globus.org/namespaces/examples/core/MathService_instance}MathResourceKey'],
    ] as const
    const home = { name: 'home', type: `${impl}.MathResourceHome`, parameters: new Map(parameters) }
    expect(config).toStrictEqual({
      global: context({}),
      services: new Map([
        [math, context({ resources: [home] })],
        [
          'examples/core/factory/MathFactoryService',
          context({ links: [{ name: 'home', target: `java:comp/env/services/${math}/home` }] }),
        ],
      ]),
      problems: [],
    })
    const bound = { type: `${impl}.MathResourceHome`, parameters: Object.fromEntries(parameters) }
    expect(bindJndi(config)).toEqual({
      [`java:comp/env/services/${math}/home`]: bound,
      'java:comp/env/services/examples/core/factory/MathFactoryService/home': bound,
    })
  })

  it('servicegroup: global homes with white space about their names and values, linked to from services', () => {
    const config = parseJndi(corpus('jndi-config-deploy.servicegroup.xml'))
    const memory = 'org.globus.wsrf.impl.servicegroup.inmemory'
    const parameters = new Map([factory])
    const groupHome = { name: 'groupHome', target: 'java:comp/env/InMemorySGHome' }
    const entryHome = { name: 'entryHome', target: 'java:comp/env/InMemorySGEntryHome' }
    expect(config).toStrictEqual({
      global: context({
        resources: [
          { name: 'InMemorySGHome', type: `${memory}.InMemoryServiceGroupHome`, parameters },
          { name: 'InMemorySGEntryHome', type: `${memory}.InMemoryServiceGroupEntryHome`, parameters },
        ],
      }),
      services: new Map([
        ['InMemoryServiceGroup', context({ links: [{ ...groupHome, name: 'home' }, groupHome, entryHome] })],
        ['InMemoryServiceGroupEntry', context({ links: [groupHome, entryHome, { ...entryHome, name: 'home' }] })],
        [
          'InMemoryServiceGroupFactory',
          context({
            resources: [{ name: 'home', type: 'org.globus.wsrf.impl.ServiceResourceHome', parameters }],
            links: [groupHome, entryHome],
          }),
        ],
      ]),
      problems: [],
    })
    const bound = (type: string) => ({ type, parameters: { factory: factory[1] } })
    const group = bound(`${memory}.InMemoryServiceGroupHome`)
    const entry = bound(`${memory}.InMemoryServiceGroupEntryHome`)
    const services = 'java:comp/env/services/InMemoryServiceGroup'
    expect(bindJndi(config)).toEqual({
      'java:comp/env/InMemorySGHome': group,
      'java:comp/env/InMemorySGEntryHome': entry,
      [`${services}/home`]: group,
      [`${services}/groupHome`]: group,
      [`${services}/entryHome`]: entry,
      [`${services}Entry/groupHome`]: group,
      [`${services}Entry/entryHome`]: entry,
      [`${services}Entry/home`]: entry,
      [`${services}Factory/home`]: bound('org.globus.wsrf.impl.ServiceResourceHome'),
      [`${services}Factory/groupHome`]: group,
      [`${services}Factory/entryHome`]: entry,
    })
  })
})

describe('a JNDI environment', () => {
  const read = (type: string, value: string) => {
    const config = jndi(`<global><environment name="e" type="${type}" value="${value}"/></global>`)
    return { value: config.global.environments[0]?.value, problems: codes(config) }
  }

  it.each([
    ['java.lang.String', ' text ', 'text'],
    ['java.lang.Integer', '-42', -42],
    ['java.lang.Integer', '007', 7],
    ['java.lang.Integer', '+2147483647', 2147483647],
    ['java.lang.Long', '9007199254740991', 9007199254740991],
    ['java.lang.Long', '9007199254740993', 9007199254740993n],
    ['java.lang.Long', '-9223372036854775808', -(2n ** 63n)],
    ['java.lang.Short', '-32768', -32768],
    ['java.lang.Byte', '127', 127],
    ['java.lang.Double', '1.5e3', 1500],
    ['java.lang.Float', '.5f', 0.5],
    ['java.lang.Boolean', 'TRUE', true],
    ['java.lang.Boolean', '0', false],
    ['java.lang.Character', '𝄞', '𝄞'],
    ['Integer', '5', 5],
    ['int', '5', 5],
    ['boolean', 'true', true],
  ])('of %s “%s” is %s', (type, text, value) => {
    expect(read(type, text)).toEqual({ value, problems: [] })
  })

  it.each([
    ['java.lang.Integer', '1e3'],
    ['java.lang.Integer', '0x1F'],
    ['java.lang.Integer', ''],
    ['java.lang.Integer', '2147483648'],
    ['java.lang.Byte', '128'],
    ['java.lang.Long', '9223372036854775808'],
    ['java.lang.Long', '9'.repeat(5000)],
    ['java.lang.Double', 'NaN'],
    ['java.lang.Double', '1e999'],
    ['java.lang.Double', 'one'],
    ['java.lang.Boolean', 'perhaps'],
    ['java.lang.Character', 'ab'],
  ])('of %s is no “%s”', (type, text) => {
    expect(read(type, text)).toEqual({ value: text, problems: ['error jndi-value'] })
  })

  it('of a type that is not known is a text, and reported', () => {
    expect(read('java.util.Date', '2007')).toEqual({ value: '2007', problems: ['warning jndi-type'] })
    expect(read('constructor', 'x')).toEqual({ value: 'x', problems: ['warning jndi-type'] })
    expect(read('', 'x')).toEqual({ value: 'x', problems: ['warning jndi-no-type'] })
  })

  it('may have override misspelt, as many real ones do', () => {
    const type = 'type="java.lang.String"'
    const config = jndi(`<global>
      <environment name="a" value="running" ${type} ovverride="false"/>
      <environment name="b" value="" ${type} override="true"/>
      <environment name="c" value="" ${type}/>
      <environment name="d" value="" ${type} override="sure"/></global>`)
    expect(config.global.environments.map(({ name, override }) => [name, override])).toEqual([
      ['a', false],
      ['b', true],
      ['c', true],
      ['d', true],
    ])
    expect(config.problems).toEqual([
      {
        level: 'note',
        code: 'jndi-ovverride',
        message: 'override of a is spelt ovverride: read as override',
        file: 'j.xml',
        line: 2,
      },
      {
        level: 'error',
        code: 'jndi-boolean',
        message: 'override of d is “sure”, and not true or false',
        file: 'j.xml',
        line: 5,
      },
    ])
  })
})

describe('JNDI names', () => {
  const text = (name: string, value: string, override = '') =>
    `<environment name="${name}" value="${value}" type="java.lang.String" ${override}/>`
  const link = (name: string, target: string) => `<resourceLink name="${name}" target="${target}"/>`

  it('are followed through links, whole, within the own context and to the global one', () => {
    const config =
      jndi(`<global>${text('g', '1')}${link('gl', 'java:comp/env/services/S/l1')}${text('home', '3')}</global>
      <service name="S">${text('e', '2')}${link('l1', 'e')}${link('l2', './e')}${link('l3', 'g')}
      ${link('l4', 'java:comp/env/gl')}${link('l5', 'services/S/l4')}${link('home', 'home')}</service>`)
    expect(config.problems).toEqual([])
    const service = 'java:comp/env/services/S'
    expect(bindJndi(config)).toEqual({
      'java:comp/env/g': '1',
      'java:comp/env/gl': '2',
      'java:comp/env/home': '3',
      [`${service}/e`]: '2',
      [`${service}/l1`]: '2',
      [`${service}/l2`]: '2',
      [`${service}/l3`]: '1',
      [`${service}/l4`]: '2',
      [`${service}/l5`]: '2',
      [`${service}/home`]: '3',
    })
  })

  it('have no value where a link leads nowhere, which is reported once', () => {
    const config = jndi(`<service name="S">${link('a', 'b')}
      ${link('b', 'java:comp/env/subscriptionHome')}${link('c', './g')}</service><global>${text('g', '1')}</global>`)
    expect(bindJndi(config)).toEqual({ 'java:comp/env/g': '1' })
    expect(config.problems).toEqual([
      {
        level: 'warning',
        code: 'jndi-link-dangling',
        message:
          'java:comp/env/services/S/b is a link to java:comp/env/subscriptionHome, which this file does not have',
        file: 'j.xml',
        line: 2,
      },
      {
        level: 'warning',
        code: 'jndi-link-dangling',
        message: 'java:comp/env/services/S/c is a link to ./g, which this file does not have',
        file: 'j.xml',
        line: 2,
      },
    ])
  })

  it('have no value where links lead in a circle, which is named once', () => {
    const config =
      jndi(`<global>${link('in', 'java:comp/env/a')}${link('a', 'java:comp/env/b')}${link('b', 'java:comp/env/a')}
      ${link('self', 'java:comp/env/self')}</global>`)
    expect(bindJndi(config)).toEqual({})
    expect(config.problems.map(({ level, code, message }) => [level, code, message])).toEqual([
      ['error', 'jndi-link-cycle', 'links lead in a circle: java:comp/env/a -> java:comp/env/b -> java:comp/env/a'],
      ['error', 'jndi-link-cycle', 'links lead in a circle: java:comp/env/self -> java:comp/env/self'],
    ])
  })

  it.each([
    ['both may be replaced', '', '', '2'],
    ['the first may not', 'override="false"', '', '1'],
    ['the second may not replace', '', 'override="false"', '1'],
  ])('that stand twice: %s', (_, first, second, value) => {
    const config = jndi(`<global>${text('a', '1', first)}${text('a', '2', second)}</global>`)
    expect(bindJndi(config)).toEqual({ 'java:comp/env/a': value })
    expect(codes(config)).toEqual(['warning jndi-name-repeated'])
    expect(config.global.environments).toHaveLength(2)
  })

  it('keep the first entry when they are of different kinds', () => {
    const config = jndi(`<global><resource name="a" type="T"/>${text('a', '1')}${text('services/S/b', '2')}</global>
      <service name="S">${link('b', 'java:comp/env/a')}</service>`)
    expect(bindJndi(config)).toEqual({ 'java:comp/env/a': '1', 'java:comp/env/services/S/b': '2' })
    expect(codes(config)).toEqual(['warning jndi-name-repeated', 'warning jndi-name-repeated'])
  })

  it('carry long numbers as texts that say so', () => {
    const config = jndi('<global><environment name="n" type="java.lang.Long" value="9007199254740993"/></global>')
    expect(bindJndi(config)).toEqual({ 'java:comp/env/n': { bigint: '9007199254740993' } })
  })

  it('of ten thousand links in a row are followed in no time', () => {
    const chain = Array.from({ length: 10_000 }, (_, i) => link(`l${i}`, `java:comp/env/l${i + 1}`))
    const config = jndi(`<global>${chain.join('')}${text('l10000', 'end')}</global>`)
    const started = process.cpuUsage()
    expect(bindJndi(config)['java:comp/env/l0']).toBe('end')
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(1000)
  })
})

describe('a JNDI configuration', () => {
  it('may be written in parts and with prefixes, and keeps names of Object.prototype harmless', () => {
    const config = parseJndi(`<j:jndiConfig xmlns:j="${namespace}"><j:service name="__proto__">
      <j:resource name="constructor" type="T"><j:resourceParams><j:parameter>
        <j:name>__proto__</j:name><j:value><![CDATA[ 1 ]]></j:value></j:parameter></j:resourceParams></j:resource></j:service>
      <j:service name="S"/><j:service name="S"><j:resource name="home" type="T"/></j:service></j:jndiConfig>`)
    expect([...config.services.keys()]).toEqual(['__proto__', 'S'])
    expect(config.services.get('S')?.resources).toEqual([{ name: 'home', type: 'T', parameters: new Map() }])
    expect(codes(config)).toEqual(['warning jndi-service-repeated'])
    const bound = bindJndi(config)['java:comp/env/services/__proto__/constructor']
    expect(JSON.stringify(bound)).toBe('{"type":"T","parameters":{"__proto__":"1"}}')
  })

  it('reports what would be lost as an error, and the odd as it is', () => {
    const config = jndi(`<global>
      <environment value="1" type="java.lang.String"/>
      <environment name="e" type="java.lang.String"/>
      <resource name="r"/>
      <resourceLink name="l"/>
      <resource name="ok" type="T" colour="red"><resourceParams>
        <parameter><value>1</value></parameter>
        <parameter><name>n</name></parameter>
        <parameter name="n" value="2"/>
      </resourceParams></resource>
      <surprise/></global><service/>`)
    expect(config.problems.map(({ level, code, line }) => `${level} ${code} ${line}`)).toEqual([
      'error jndi-no-name 2',
      'error jndi-no-value 3',
      'error jndi-no-type 4',
      'error jndi-no-target 5',
      'note jndi-unknown-attribute 6',
      'error jndi-no-name 7',
      'warning jndi-no-value 8',
      'warning jndi-parameter-repeated 9',
      'warning jndi-unknown-element 11',
      'error jndi-no-name 11',
    ])
    expect(config.global.resources).toEqual([{ name: 'ok', type: 'T', parameters: new Map([['n', '2']]) }])
  })

  it('without any namespace is read and reported; with another one, or another root, it is refused', () => {
    const bare = parseJndi('<jndiConfig><service name="S"><resource name="home" type="T"/></service></jndiConfig>')
    expect(codes(bare)).toEqual(['warning jndi-no-namespace'])
    expect(bare.services.get('S')?.resources).toHaveLength(1)
    expect(() => parseJndi('<jndiConfig xmlns="urn:other"/>')).toThrow(DescriptorRootWrong)
    expect(() => parseJndi(`<config xmlns="${namespace}"/>`)).toThrow(DescriptorRootWrong)
  })
})
