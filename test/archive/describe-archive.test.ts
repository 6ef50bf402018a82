import { describe, expect, it } from 'vitest'
import { describeArchive } from '../../src/archive/describe-archive.ts'
import type { SecureOpenDifference } from '../../src/archive/secure-open-difference.ts'
import { echoFiles, makeGar, makeServiceArchive, profileText, type TestService, wsddText } from '../support/archives.ts'
import { folderForAll, readBytes } from '../support/read.ts'

const folder = folderForAll()
const described = async (name: string, bytes: Buffer) => describeArchive(await readBytes(folder, name, bytes))

describe('the description of an archive', () => {
  it('says what is in it, and is the same as JSON', async () => {
    const gar = makeGar({
      ...echoFiles,
      'etc/deploy-jndi-config.xml': `<jndiConfig xmlns="http://wsrf.globus.org/jndi/config">
        <global><environment name="big" type="java.lang.Long" value="9007199254740993" override="false"/></global>
        <service name="Samples/Echo"><resource name="home" type="x.Home">
          <resourceParams><parameter><name>factory</name><value>x.Factory</value></parameter></resourceParams>
        </resource></service></jndiConfig>`,
    })
    const profile = profileText({
      version: '1.2.3',
      packages: [
        { name: 'echo-service', gar: 'echo.gar' },
        { name: 'echo-stubs', files: ['index.js'] },
      ],
    })
    const bytes = makeServiceArchive(profile, { 'echo-service': { 'echo.gar': gar }, 'echo-stubs': { 'index.js': '' } })
    const description = await described('echo-1.2.3.tar.gz', bytes)
    expect(description).toMatchObject({
      kind: 'service-archive',
      id: 'echo',
      size: bytes.length,
      deployable: { secure: true, open: true },
      gar: {
        id: 'echo',
        modules: ['lib/samples/Echo.js'],
        descriptors: {
          secure: {
            path: 'etc/deploy-server.wsdd',
            services: [
              {
                name: 'Samples/Echo',
                className: 'samples.Echo',
                module: 'lib/samples/Echo.js',
                scope: 'Request',
                loadOnStartup: false,
                allowedMethods: '*',
                providers: [],
                securityDescriptor: 'etc/echo/security_descriptor.xml',
              },
            ],
          },
          open: { path: 'etc/deploy-server.wsdd_NOSEC' },
        },
        secureOpenDifference: { unprotected: [{ service: 'Samples/Echo', methods: '*' }] },
        jndi: {
          global: { environments: [{ name: 'big', value: '9007199254740993' }] },
          services: { 'Samples/Echo': { resources: [{ name: 'home', parameters: { factory: 'x.Factory' } }] } },
        },
      },
      profile: { serviceClass: 'Samples', serviceName: 'Echo', version: '1.2.3' },
      packages: [
        { name: 'echo-service', kind: 'main', digest: undefined },
        { name: 'echo-stubs', kind: 'software', stubs: true, importName: 'echo-stubs', files: ['index.js'] },
      ],
      requirements: [],
      dependencies: { services: [], packages: [] },
      problems: [],
    })
    expect(JSON.parse(JSON.stringify(description))).toEqual(JSON.parse(JSON.stringify({ ...description })))
    expect(JSON.stringify(description)).not.toContain('[object')
  })

  it('says in which mode it can be deployed', async () => {
    const { 'etc/deploy-server.wsdd': _, ...open } = echoFiles
    const bad = wsddText({ name: 'admin/x', className: 'samples.Echo' })
    const deployable = async (files: Parameters<typeof makeGar>[0]) =>
      (await described('echo.gar', makeGar(files))).deployable
    expect(await deployable(open)).toEqual({ secure: false, open: true })
    expect(await deployable({ ...echoFiles, 'etc/deploy-server.wsdd': bad })).toEqual({ secure: false, open: true })
    expect(await deployable({ ...open, 'etc/deploy-server.wsdd_NOSEC': bad })).toEqual({ secure: false, open: false })
  })

  it('lists requirements and dependencies with the package that has them', async () => {
    const profile = `<Resource version="1.3.0"><ID/><Type>Service</Type><Profile><Class>Samples</Class><Name>Tally</Name><Version>1</Version>
      <Dependencies><Dependency><Class>Samples</Class><Name>Counter</Name><Version>1</Version></Dependency></Dependencies>
      <Packages><Software><Name>tally-library</Name><Version>1</Version>
        <GHNRequirements><Requirement category="MEM_RAM_SIZE" requirement="" value="64" operator="ge"/></GHNRequirements>
        <Dependencies><Dependency><Service><Class>Samples</Class><Name>Counter</Name><Version>1</Version></Service><Package>counter-stubs</Package><Version>1.0.0</Version><Scope level="GHN"/><Optional>false</Optional></Dependency></Dependencies>
        <Files><File>x</File></Files></Software></Packages></Profile></Resource>`
    const description = await described('t.tar.gz', makeServiceArchive(profile, { 'tally-library': { x: '' } }))
    expect(description.requirements).toEqual([
      { package: 'tally-library', category: 'MEM_RAM_SIZE', requirement: '', value: '64', operator: 'ge' },
    ])
    expect(description.dependencies).toMatchObject({
      services: [{ serviceClass: 'Samples', serviceName: 'Counter' }],
      packages: [{ package: 'tally-library', packageName: 'counter-stubs', version: '1.0.0' }],
    })
  })
})

describe('what secure and open differ in', () => {
  const difference = async (secure: TestService[], open: TestService[]): Promise<SecureOpenDifference | undefined> => {
    const files = {
      'etc/deploy-server.wsdd': wsddText(...secure),
      'etc/deploy-server.wsdd_NOSEC': wsddText(...open),
      'etc/security.xml': echoFiles['etc/security_descriptor.xml'] as string,
      'lib/x.js': '',
    }
    return (await described('x.gar', makeGar(files))).gar?.secureOpenDifference
  }
  const service = (name: string, parameters: Record<string, string> = {}): TestService => ({
    name,
    className: 'x',
    parameters,
  })

  it('is nothing for two that say the same, but for white space', async () => {
    expect(await difference([service('A', { providers: 'P  Q' })], [service('A', { providers: 'P Q' })])).toEqual({
      onlySecure: [],
      onlyOpen: [],
      global: [],
      services: [],
      unprotected: [],
      lost: [],
    })
  })

  it('is the services that only one has, and every parameter that differs', async () => {
    const protectedBy = { securityDescriptor: 'etc/x/security.xml' }
    expect(
      await difference(
        [
          service('A', { ...protectedBy, allowedMethods: 'add get', limit: '1' }),
          service('B', protectedBy),
          service('C'),
        ],
        [service('A', { allowedMethods: 'add get', limit: '2' }), service('B', protectedBy), service('D')],
      ),
    ).toEqual({
      onlySecure: ['C'],
      onlyOpen: ['D'],
      global: [],
      services: [
        {
          name: 'A',
          parameters: [
            { name: 'securityDescriptor', secure: 'etc/x/security.xml' },
            { name: 'limit', secure: '1', open: '2' },
          ],
          losesSecurity: true,
        },
      ],
      unprotected: [{ service: 'A', methods: ['add', 'get'] }],
      lost: [
        { service: 'A', operation: 'add', except: [], lost: ['authentication', 'level'] },
        { service: 'A', operation: 'get', except: [], lost: ['authentication', 'level'] },
      ],
    })
  })

  it('is not there when there is one descriptor only', async () => {
    const { 'etc/deploy-server.wsdd': _, ...open } = echoFiles
    expect((await described('x.gar', makeGar(open))).gar?.secureOpenDifference).toBeUndefined()
  })
})
