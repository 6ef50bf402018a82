import { describe, expect, it } from 'vitest'
import { DescriptorRootWrong } from '../../src/archive/descriptor-reader.ts'
import { type ProfilePackage, parseServiceProfile, type ServiceProfile } from '../../src/archive/service-profile.ts'
import { corpus } from '../support/corpus.ts'

const service = '<Class>Samples</Class><Name>Echo</Name><Version>1.0.0</Version>'
const profile = (body: string, head = '<ID/><Type>Service</Type>') =>
  parseServiceProfile(`<Resource>${head}<Profile>${body}</Profile></Resource>`, { file: 'profile.xml' })
const packages = (body: string) => profile(`${service}<Packages>${body}</Packages>`)
const codes = ({ problems }: Pick<ServiceProfile, 'problems'>) => problems.map(({ level, code }) => `${level} ${code}`)

/** A package that says nothing but its name. */
const plain: ProfilePackage = {
  kind: 'software',
  type: 'library',
  stubs: false,
  name: 'P',
  version: '1.0.0',
  description: undefined,
  deployable: true,
  multiVersion: undefined,
  mandatory: undefined,
  shareable: undefined,
  maven: undefined,
  requirements: [],
  dependencies: [],
  installScripts: [],
  uninstallScripts: [],
  rebootScripts: [],
  garArchive: undefined,
  portTypes: [],
  files: [],
  uri: undefined,
  target: undefined,
  entryPoint: undefined,
}

describe('the profiles of the corpus say what they say', () => {
  it('sample-service: a main package on stubs, and a service it needs', () => {
    expect(parseServiceProfile(corpus('profile.sample-service.xml'))).toStrictEqual({
      id: '',
      type: 'Service',
      era: 'gcube',
      scopes: [],
      description: 'A very simple gCube Service',
      serviceClass: 'Samples',
      serviceName: 'SampleService',
      version: '1.0.0',
      dependencies: [{ serviceClass: 'VREManagement', serviceName: 'GHNManager', version: '1.0.0' }],
      packages: [
        {
          ...plain,
          kind: 'main',
          type: 'service',
          name: 'Main',
          description: 'Describes port-types',
          dependencies: [
            {
              service: { serviceClass: 'Samples', serviceName: 'SampleService', version: undefined },
              packageName: 'Stubs',
              version: '1.0.0',
              scope: 'GHN',
              optional: false,
            },
          ],
          garArchive: 'org.acme.sample.gar',
          portTypes: [{ name: 'acme/sample/stateless', wsdl: undefined }],
        },
        {
          ...plain,
          stubs: true,
          name: 'Stubs',
          description: 'Describes port-type stubs',
          files: ['org.acme.sample.stubs.jar'],
        },
      ],
      problems: [],
    })
  })

  it('tree-manager: Maven coordinates, and port types without WSDL', () => {
    const version = '3.0.3-4.13.1-125718'
    const maven = (artifactId: string) => ({ groupId: 'org.gcube.data.access', artifactId, version })
    const file = 'etc/profile.xml'
    const outside = { level: 'note', code: 'profile-outside-schema', file }
    const noWsdl = { level: 'note', code: 'profile-port-type-no-wsdl', file }
    expect(parseServiceProfile(corpus('profile.tree-manager.xml'), { file })).toStrictEqual({
      id: '',
      type: 'Service',
      era: 'gcube',
      scopes: [],
      description: undefined,
      serviceClass: 'DataAccess',
      serviceName: 'tree-manager-service',
      version: '1.0.0',
      dependencies: [],
      packages: [
        {
          ...plain,
          kind: 'main',
          type: 'service',
          name: 'tree-manager-service',
          version,
          maven: maven('tree-manager-service'),
          garArchive: `tree-manager-service-${version}.gar`,
          portTypes: [
            { name: 'gcube/data/tm/binder', wsdl: undefined },
            { name: 'gcube/data/tm/reader', wsdl: undefined },
            { name: 'gcube/data/tm/writer', wsdl: undefined },
          ],
        },
        {
          ...plain,
          stubs: true,
          name: 'tree-manager-stubs',
          version,
          maven: maven('tree-manager-stubs'),
          files: [`tree-manager-stubs-${version}.jar`],
        },
      ],
      problems: [
        { ...outside, message: '<MavenCoordinates> is not in the schema, and is read', line: 13 },
        { ...noWsdl, message: 'the PortType gcube/data/tm/binder has no WSDL', line: 19 },
        { ...noWsdl, message: 'the PortType gcube/data/tm/reader has no WSDL', line: 22 },
        { ...noWsdl, message: 'the PortType gcube/data/tm/writer has no WSDL', line: 25 },
        { ...outside, message: '<MavenCoordinates> is not in the schema, and is read', line: 32 },
      ],
    })
  })

  it('RIProfile: it is the profile of a running instance, and says so as an error', () => {
    const read = parseServiceProfile(corpus('RIProfile.tree-manager.xml'), { file: 'profile.xml' })
    expect(read.problems.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
      'the profile is of type “RunningInstance”, and not of a Service',
      'the service has no Class',
      'the service has no Name',
    ])
    expect([read.id, read.scopes, read.version]).toEqual([
      '79e94be0-7616-11e7-8e66-9db4599bbc7a',
      ['/gcube/devsec', '/gcube'],
      '3.0.3-4.6.0-125718',
    ])
  })
})

describe('a service profile', () => {
  it('is read whole, in any order', () => {
    const read = profile(
      `<Packages>
        <Software deployable="false">
          <Files><File> lib/a.js </File><File>lib/b.js</File></Files>
          <Type>application</Type>
          <Name>Tool</Name><Version>2.0</Version>
          <Dependencies><Dependency>
            <Optional>1</Optional><Scope level="VRE"/><Package>Base</Package>
            <Service><Class>Samples</Class><Name>Base</Name><Version>3</Version></Service>
          </Dependency></Dependencies>
          <GHNRequirements>
            <Requirement category="Site" requirement="string" value="java1.6_*" operator="ge"/>
            <Requirement category="RunTimeEnv" requirement="Key" value="" operator="exist"/>
          </GHNRequirements>
          <MultiVersion value="true"/><Mandatory level="GHN"/><Shareable/>
          <InstallScripts><File>in.sh</File></InstallScripts>
          <UninstallScripts><File>out.sh</File></UninstallScripts>
          <RebootScripts><File>again.sh</File></RebootScripts>
        </Software>
        <Main><GARArchive>echo.gar</GARArchive><PortType><WSDL>echo.wsdl</WSDL><Name>Samples/Echo</Name><Security/></PortType>
          <Name>Main</Name><Version>1.0.0</Version></Main>
        <Plugin><Name>Plug</Name><Version>1</Version><EntryPoint>org.x.Plug</EntryPoint><Files><File>plug.js</File></Files>
          <TargetService><Service><Class>C</Class><Name>N</Name></Service><Package>Q</Package><Version>1</Version></TargetService></Plugin>
        <Software><Name>Far</Name><Version>1</Version><URI>https://example.org/far.tar.gz</URI></Software>
      </Packages>
      <SpecificData>anything</SpecificData>
      <Dependencies><Dependency><Class>A</Class><Name>B</Name></Dependency></Dependencies>
      <Configuration><Static/></Configuration>
      <Version>1.2.3</Version><Name>Echo</Name><Class>Samples</Class><Description>
        It echoes.
      </Description>`,
      '<Scopes><Scope>/gcube</Scope></Scopes><Type>Service</Type><ID> 24175c70 </ID>',
    )
    expect(read).toEqual({
      id: '24175c70',
      type: 'Service',
      era: 'gcube',
      scopes: ['/gcube'],
      description: 'It echoes.',
      serviceClass: 'Samples',
      serviceName: 'Echo',
      version: '1.2.3',
      dependencies: [{ serviceClass: 'A', serviceName: 'B', version: undefined }],
      packages: [
        {
          ...plain,
          type: 'application',
          name: 'Tool',
          version: '2.0',
          deployable: false,
          multiVersion: true,
          mandatory: 'GHN',
          shareable: 'VO',
          requirements: [
            { category: 'Site', requirement: 'string', value: 'java1.6_*', operator: 'ge' },
            { category: 'RunTimeEnv', requirement: 'Key', value: '', operator: 'exist' },
          ],
          dependencies: [
            {
              service: { serviceClass: 'Samples', serviceName: 'Base', version: '3' },
              packageName: 'Base',
              version: '1.0',
              scope: 'VRE',
              optional: true,
            },
          ],
          installScripts: ['in.sh'],
          uninstallScripts: ['out.sh'],
          rebootScripts: ['again.sh'],
          files: ['lib/a.js', 'lib/b.js'],
        },
        {
          ...plain,
          kind: 'main',
          type: 'service',
          name: 'Main',
          garArchive: 'echo.gar',
          portTypes: [{ name: 'Samples/Echo', wsdl: 'echo.wsdl' }],
        },
        {
          ...plain,
          kind: 'plugin',
          type: 'plugin',
          name: 'Plug',
          version: '1',
          files: ['plug.js'],
          entryPoint: 'org.x.Plug',
          target: {
            service: { serviceClass: 'C', serviceName: 'N', version: undefined },
            packageName: 'Q',
            version: '1',
            scope: 'GHN',
            optional: false,
          },
        },
        { ...plain, name: 'Far', version: '1', uri: 'https://example.org/far.tar.gz' },
      ],
      problems: [],
    })
  })

  it('of older gateways has its coordinates in a repository location', () => {
    const coordinate = (name: string, value: string) =>
      `<Coordinate><Name>${name}</Name><Value>${value}</Value></Coordinate>`
    const read = packages(`<Software><Name>P</Name><Version>1.0.0</Version><RepositoryLocation>
      ${coordinate('groupid', 'org.gcube')}${coordinate('artifactid', 'publisher')}${coordinate('version', '1.5')}
      </RepositoryLocation></Software>`)
    expect(read.packages).toEqual([
      { ...plain, maven: { groupId: 'org.gcube', artifactId: 'publisher', version: '1.5' } },
    ])
    expect(codes(read)).toEqual(['note profile-outside-schema'])
  })

  it('reports what a deployment cannot do without as an error, with its line', () => {
    const read = profile(`<Version>1</Version>
      <Dependencies><Dependency><Class>A</Class></Dependency></Dependencies>
      <Packages>
        <Main><Version>1</Version><GARArchive>a.gar</GARArchive></Main>
        <Main><Name>M</Name><Version>1</Version><GARArchive>b.gar</GARArchive></Main>
        <Software><Name>P</Name><Version>1</Version>
          <Dependencies><Dependency><Service><Class>A</Class><Name>B</Name></Service></Dependency></Dependencies></Software>
        <Software deployable="maybe"><Name>P</Name><Version>1</Version>
          <GHNRequirements><Requirement category="Site" operator="like"/></GHNRequirements></Software>
      </Packages>`)
    expect(read.problems.map(({ level, code, line }) => `${level} ${code} ${line}`)).toEqual([
      'error profile-dependency 2',
      'error profile-package-no-name 4',
      'error profile-dependency 7',
      'error profile-boolean 8',
      'error profile-operator 9',
      'error profile-no-class 1',
      'error profile-no-name 1',
      'error profile-mains 1',
      'error profile-package-repeated 1',
    ])
    expect(read.dependencies).toEqual([])
    expect(codes(parseServiceProfile('<Resource><Type>Service</Type></Resource>'))).toEqual([
      'error profile-no-profile',
      'error profile-no-class',
      'error profile-no-name',
      'warning profile-no-version',
      'warning profile-no-package',
    ])
  })

  it('reports what is odd and goes on', () => {
    const read = profile(
      `${service}<Name>Other</Name><ActivationTime value="2007"/><Packages>
        <Main><Name>M</Name><PortType/></Main>
        <Software><Name>P</Name><Version>1.0.0</Version><Type>gadget</Type><Mandatory level="WORLD"/>
          <Files><File/></Files></Software></Packages>`,
      '',
    )
    expect(read.serviceName).toBe('Echo')
    expect(read.packages[1]).toEqual({ ...plain, type: 'gadget' })
    expect(codes(read)).toEqual([
      'warning profile-no-type',
      'warning profile-unknown-element',
      'warning profile-port-type-no-name',
      'note profile-port-type-no-wsdl',
      'warning profile-package-no-version',
      'warning profile-no-gar-archive',
      'note profile-package-type',
      'warning profile-level',
      'warning profile-file-empty',
      'warning profile-repeated',
    ])
  })

  it('with another root is refused', () => {
    expect(() => parseServiceProfile('<Service/>')).toThrow(DescriptorRootWrong)
    expect(() => parseServiceProfile('<Resource xmlns="urn:other"/>', { file: 'profile.xml' })).toThrow(
      'profile.xml, line 1: the root element is {urn:other}Resource, and a service profile has <Resource> without a namespace',
    )
  })
})

describe('a profile of the DILIGENT era', () => {
  it('is read into the same form', () => {
    const read = profile(`<Class>Samples</Class><Name>Echo</Name><Version>1.0</Version>
      <DescriptiveParameters><Description>It echoes.</Description></DescriptiveParameters>
      <QoS/>
      <DLDependencies><Dependency><Class>A</Class><Name>B</Name><Version>1</Version></Dependency></DLDependencies>
      <DeploymentInfo><PackagesList>
        <Package>
          <PackageName>Echo-main</PackageName><PackageType>WSRFService</PackageType><Version>1.0</Version>
          <DLMandatory>true</DLMandatory><DHNMandatory>true</DHNMandatory><VOMandatory>false</VOMandatory>
          <DLSharable>false</DLSharable><MultiVersionSupport>false</MultiVersionSupport>
          <DisposeInterfaceSupport>true</DisposeInterfaceSupport><ManifestFile>MANIFEST</ManifestFile>
          <InstallScripts><File>in.sh</File></InstallScripts>
          <Dependencies><Dependency><Service><Class>Samples</Class><Name>Echo</Name></Service>
            <Package>Echo-client</Package><Version>1.0</Version><Scope level="DHN"/></Dependency></Dependencies>
          <DHNRequirements><Requirement category="RunTimeEnv" requirement="Key" value="x" operator="eq"/></DHNRequirements>
          <ConfigurationFiles><File>echo.properties</File></ConfigurationFiles>
          <OtherFiles><File>org_diligentproject_echo.gar</File></OtherFiles>
          <OtherProperties/>
        </Package>
        <Package>
          <PackageName>Echo-client</PackageName>
          <PackageType><Library><Stub><IsStubOf>Echo</IsStubOf></Stub></Library></PackageType>
          <Version>1.0</Version><VOMandatory>false</VOMandatory><VOSharingSupport/>
          <OtherFiles><File>echo-client.jar</File></OtherFiles>
        </Package>
        <Package><PackageName>Job</PackageName><PackageType>GridJob</PackageType><Version>1</Version></Package>
        <Package><PackageName>Shared</PackageName><PackageType>Library Shared</PackageType><Version>1</Version></Package>
      </PackagesList></DeploymentInfo>`)
    expect(read).toEqual({
      id: '',
      type: 'Service',
      era: 'diligent',
      scopes: [],
      description: 'It echoes.',
      serviceClass: 'Samples',
      serviceName: 'Echo',
      version: '1.0',
      dependencies: [{ serviceClass: 'A', serviceName: 'B', version: '1' }],
      packages: [
        {
          ...plain,
          kind: 'main',
          type: 'service',
          name: 'Echo-main',
          version: '1.0',
          multiVersion: false,
          mandatory: 'VRE',
          shareable: 'NONE',
          requirements: [{ category: 'RunTimeEnv', requirement: 'Key', value: 'x', operator: 'eq' }],
          dependencies: [
            {
              service: { serviceClass: 'Samples', serviceName: 'Echo', version: undefined },
              packageName: 'Echo-client',
              version: '1.0',
              scope: 'GHN',
              optional: false,
            },
          ],
          installScripts: ['in.sh'],
          garArchive: 'org_diligentproject_echo.gar',
          files: ['MANIFEST', 'echo.properties'],
        },
        {
          ...plain,
          stubs: true,
          name: 'Echo-client',
          version: '1.0',
          mandatory: 'NONE',
          shareable: 'VO',
          files: ['echo-client.jar'],
        },
        { ...plain, type: 'GridJob', name: 'Job', version: '1' },
        { ...plain, name: 'Shared', version: '1' },
      ],
      problems: [],
    })
  })

  it('may have its packages at the profile itself, named after their type', () => {
    const read = profile(`${service}<PackagesList><Portlet><Name>Page</Name><PackageVersion>1</PackageVersion></Portlet>
      <Library><PackageName>echo-stubs</PackageName><Version>1</Version><DLMandatory>often</DLMandatory></Library>
      <Package><Surprise/></Package></PackagesList>`)
    expect(read.packages.map(({ kind, type, stubs, name }) => ({ kind, type, stubs, name }))).toEqual([
      { kind: 'main', type: 'Portlet', stubs: false, name: 'Page' },
      { kind: 'software', type: 'library', stubs: true, name: 'echo-stubs' },
      { kind: 'software', type: 'library', stubs: false, name: '' },
    ])
    expect(codes(read)).toEqual([
      'error profile-boolean',
      'error profile-package-no-name',
      'warning profile-package-no-version',
      'warning profile-unknown-element',
    ])
  })
})
