import { type Files, makeGar, makeServiceArchive, wsddText } from './archives.ts'

/** A service as a test wants it; what isn't said is as simple as can be. */
export interface TestService {
  /** `Class/Name` of its running instance, and its WSDD service. */
  readonly service: string
  /** What `version` answers. */
  readonly version?: string
  /** Statements of its callbacks, run after the callback has been noted. */
  readonly on?: Partial<Record<'ready' | 'failed' | 'disabled' | 'redeployed', string>>
  /** A credentials listener that notes what it gets. */
  readonly listener?: 'Simple' | 'Multiple'
  /** Registers under this pair, written as arguments. */
  readonly registers?: string
  readonly imports?: string
  readonly body?: string
  readonly modes?: readonly ('secure' | 'open')[]
  /** WSDD names, when it isn't the service alone. */
  readonly names?: readonly string[]
  readonly wsdd?: Readonly<Record<string, string>>
  /** Parameters of the whole deployment. */
  readonly globals?: Readonly<Record<string, string>>
  readonly dependsOn?: readonly string[]
  readonly needs?: readonly { readonly package: string; readonly version: string }[]
  readonly stubs?: readonly { readonly name: string; readonly version: string; readonly text: string }[]
  readonly requirements?: string
  /** More files of its GAR. */
  readonly files?: Files
}

export interface TestArchive {
  readonly name: string
  readonly bytes: Buffer
}

const garIdOf = (service: string): string => service.replace('/', '_').toLowerCase()

/** The archive of a service: a GAR, or a service archive where it takes a profile to say all. */
export function archiveOf(service: TestService): TestArchive {
  const garId = garIdOf(service.service)
  const gar = makeGar(garFiles(service))
  const { dependsOn = [], needs = [], stubs = [], requirements } = service
  if (dependsOn.length + needs.length + stubs.length === 0 && requirements === undefined) {
    return { name: `${garId}.gar`, bytes: gar }
  }
  const packages = stubs.map(
    ({ name, text }) => [name, { 'index.js': text, 'package.json': packageJson(name) }] as const,
  )
  return {
    name: `${garId}.tar.gz`,
    bytes: makeServiceArchive(profileOf(service), { Main: { [`${garId}.gar`]: gar }, ...Object.fromEntries(packages) }),
  }
}

function garFiles(service: TestService): Files {
  const { modes = ['secure', 'open'], names = [service.service], wsdd = {}, globals = {} } = service
  const parameters = Object.entries(globals).map(([name, value]) => `<parameter name="${name}" value="${value}"/>`)
  const text = wsddText(...names.map((name) => ({ name, className: 'test.Service', parameters: wsdd }))).replace(
    '<service ',
    `<globalConfiguration>${parameters.join('')}</globalConfiguration>$&`,
  )
  return {
    ...(modes.includes('secure') ? { 'etc/deploy-server.wsdd': text } : {}),
    ...(modes.includes('open') ? { 'etc/deploy-server.wsdd_NOSEC': text } : {}),
    'lib/test/Service.js': moduleOf(service),
    ...service.files,
  }
}

/** Every callback is noted in a file that outlives the service, with its version, so that a test sees the order. */
function moduleOf({
  service,
  version = '1',
  on = {},
  listener,
  registers,
  imports = '',
  body = '',
}: TestService): string {
  const pair = service
    .split('/')
    .map((word) => `'${word}'`)
    .join(', ')
  const state = (name: keyof typeof on): string => `async ${name}() { note('${name}'); ${on[name] ?? ''} }`
  const credentials =
    listener === undefined
      ? ''
      : `, new (class extends ${listener}CredentialsListener {
          credentialsDelivered(...given) { note('credential ' + given.map((one) => one.pem?.trim() ?? one).join(' ')) }
        })()`
  return `
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { gCubeStartupManager, MultipleCredentialsListener, NAL, RequestHandler, S_OK, SimpleCredentialsListener } from 'dhn/service'
${imports}
const note = (text) => appendFileSync(join(NAL.getPersistentDirectory(), 'notes'), text + ' ${version}\\n')
note('load')
class State { ${state('ready')} ${state('failed')} ${state('disabled')} ${state('redeployed')} }
export class Service extends RequestHandler {
  static { gCubeStartupManager.registerRI(${registers ?? pair}, new State()${credentials}) }
  export_version() { return S_OK('${version}') }
  async export_slow(ms) { await new Promise((resolve) => setTimeout(resolve, ms)); return S_OK('${version}') }
  export_crash() { process.exit(3) }
  async export_state(state, reason) { await NAL.setState(state, reason); return S_OK(state) }
  ${body}
}
`
}

const packageJson = (name: string): string =>
  JSON.stringify({ name, version: '0.0.0', type: 'module', main: 'index.js' })

function profileOf({
  service,
  version = '1',
  dependsOn = [],
  needs = [],
  stubs = [],
  requirements = '',
}: TestService): string {
  const [serviceClass, name] = service.split('/')
  const dependencies = dependsOn
    .map((one) => one.split('/'))
    .map(([itsClass, itsName]) => `<Dependency><Class>${itsClass}</Class><Name>${itsName}</Name></Dependency>`)
  const packages = needs.map(({ package: key, version }) => {
    const [itsClass, itsName, packageName] = key.split('/')
    return `<Dependency><Service><Class>${itsClass}</Class><Name>${itsName}</Name></Service><Package>${packageName}</Package><Version>${version}</Version></Dependency>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>
<Resource version="1.3.0"><ID/><Type>Service</Type><Profile><Description>test</Description>
<Class>${serviceClass}</Class><Name>${name}</Name><Version>${version}</Version>
${dependencies.length === 0 ? '' : `<Dependencies>${dependencies.join('')}</Dependencies>`}
<Packages>
<Main><Name>Main</Name><Version>${version}</Version>${requirements}
${packages.length === 0 ? '' : `<Dependencies>${packages.join('')}</Dependencies>`}
<GARArchive>${garIdOf(service)}.gar</GARArchive><PortType><Name>${service}</Name><WSDL/></PortType></Main>
${stubs.map((one) => `<Software><Name>${one.name}</Name><Version>${one.version}</Version><Type>library</Type><Files><File>index.js</File></Files></Software>`).join('')}
</Packages></Profile></Resource>
`
}
