import type { ArchiveLimits } from '../../src/archive/limits.ts'
import { tarEntry, tarGz } from './tar-bytes.ts'
import { zip } from './zip-bytes.ts'

/** Contents by path inside the archive. */
export type Files = Readonly<Record<string, string | Buffer>>

/** The bytes of a GAR with these files. */
export function makeGar(files: Files, format: 'zip' | 'tar.gz' = 'zip'): Buffer {
  if (format === 'zip') return zip(Object.entries(files).map(([name, content]) => ({ name, content })))
  return tarGz(...Object.entries(files).map(([name, content]) => tarEntry(name, content)))
}

/** The bytes of a service archive: the profile, and a folder of files for each package. */
export function makeServiceArchive(profile: string, packages: Readonly<Record<string, Files>> = {}): Buffer {
  const inFolders = Object.entries(packages).flatMap(([folder, files]) =>
    Object.entries(files).map(([name, content]) => tarEntry(`${folder}/${name}`, content)),
  )
  return tarGz(tarEntry('profile.xml', profile), ...inFolders)
}

/** A service of a WSDD as a test wants it. */
export interface TestService {
  readonly name: string
  readonly className?: string
  readonly parameters?: Readonly<Record<string, string>>
}

/** A WSDD with these services. */
export function wsddText(...services: readonly TestService[]): string {
  const parameter = ([name, value]: [string, string]): string => `<parameter name="${name}" value="${value}"/>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<deployment name="test" xmlns="http://xml.apache.org/axis/wsdd/"
    xmlns:java="http://xml.apache.org/axis/wsdd/providers/java">
${services
  .map(
    ({
      name,
      className,
      parameters = {},
    }) => `  <service name="${name}" provider="Handler" use="literal" style="document">
    ${Object.entries({
      handlerClass: 'org.globus.axis.providers.RPCProvider',
      ...(className === undefined ? {} : { className }),
      ...parameters,
    })
      .map(parameter)
      .join('\n    ')}
  </service>`,
  )
  .join('\n')}
</deployment>
`
}

/** The files of the smallest GAR that serves something: `Samples/Echo`, open and secure. */
export const echoFiles: Files = {
  'etc/deploy-server.wsdd': wsddText({
    name: 'Samples/Echo',
    className: 'samples.Echo',
    parameters: { securityDescriptor: '@config.dir@/security_descriptor.xml' },
  }),
  'etc/deploy-server.wsdd_NOSEC': wsddText({ name: 'Samples/Echo', className: 'samples.Echo' }),
  'etc/security_descriptor.xml':
    '<securityConfig xmlns="http://www.globus.org"><auth-method><GSITransport/></auth-method></securityConfig>\n',
  'lib/samples/Echo.js': 'export class Echo {}\n',
}

export interface TestPackage {
  readonly name: string
  readonly version?: string
  /** Of a Main package: its GAR's file name. */
  readonly gar?: string
  /** Of a Software package. */
  readonly files?: readonly string[]
}

/** A service profile (gCube) with these packages; the first with a `gar` is the Main one. */
export function profileText(options: { readonly packages: readonly TestPackage[]; readonly version?: string }): string {
  const packages = options.packages.map(({ name, version = '1.0.0', gar, files = [] }) =>
    gar === undefined
      ? `<Software><Name>${name}</Name><Version>${version}</Version><Type>library</Type><Files>${files
          .map((file) => `<File>${file}</File>`)
          .join('')}</Files></Software>`
      : `<Main><Name>${name}</Name><Version>${version}</Version><GARArchive>${gar}</GARArchive><PortType><Name>Samples/Echo</Name><WSDL/></PortType></Main>`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>
<Resource version="1.3.0"><ID/><Type>Service</Type><Profile><Description>test</Description><Class>Samples</Class><Name>Echo</Name><Version>${options.version ?? '1.0.0'}</Version><Packages>${packages.join('')}</Packages></Profile></Resource>
`
}

/** An archive that has to be refused. */
export interface HostileArchive {
  readonly what: string
  /** The file name it is deployed as. */
  readonly name: string
  readonly bytes: Buffer
  readonly code: string
  readonly limits?: Partial<ArchiveLimits>
}
