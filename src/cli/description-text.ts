import type { Mode } from '../archive/archive.ts'
import type {
  ArchiveDescription,
  DescriptorDescription,
  GarDescription,
  JndiContextDescription,
  ServiceDescription,
} from '../archive/archive-description.ts'
import type { SecureOpenDifference } from '../archive/secure-open-difference.ts'
import { problemLines } from './problem-text.ts'
import { count, facts, indent, plain, size } from './text.ts'

const modes = ['secure', 'open'] as const satisfies readonly Mode[]

/** What is in an archive, for people: what it is, what would run, what it needs, what is odd. */
export function descriptionText(archive: ArchiveDescription): string {
  const { gar, problems } = archive
  return [
    headText(archive),
    ...(gar === undefined ? [] : modes.map((mode) => descriptorText(mode, gar.descriptors[mode]))),
    gar?.secureOpenDifference === undefined
      ? ''
      : section('secure and open differ in', differenceText(gar.secureOpenDifference)),
    gar?.jndi === undefined ? '' : section(`JNDI, from ${gar.jndi.path}`, jndiText(gar.jndi)),
    section('packages', packagesText(archive)),
    section('needs', needsText(archive)),
    section(count(problems.length, 'problem'), problemLines(problems)),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

const section = (title: string, body: string): string => (body === '' ? '' : `${title}\n${indent(body)}`)

function headText({ kind, id, digest, size: bytes, gar, profile, deployable }: ArchiveDescription): string {
  const deploys = modes.filter((mode) => deployable[mode])
  return facts([
    [kind === 'gar' ? 'GAR' : 'service archive', id],
    ['service', profile && `${profile.serviceClass}/${profile.serviceName} ${profile.version}`],
    ['about', profile?.description],
    ['profile', profile && `${profile.era === 'gcube' ? 'gCube' : 'DILIGENT'} form, ${profile.type}`],
    ['size', size(bytes)],
    ['digest', digest],
    [kind === 'gar' ? 'contents' : 'GAR', gar && contentsText(gar)],
    ['code', gar && codeText(gar)],
    ['deploys', deploys.length === 0 ? 'not here; see the problems' : deploys.join(' and ')],
  ])
}

const contentsText = ({ format, entries, unpackedSize }: GarDescription): string =>
  `${format}, ${count(entries, 'entry', 'entries')}, ${size(unpackedSize)} unpacked`

function codeText({ modules, java }: GarDescription): string {
  const javaText = java.length === 0 ? '' : `, ${count(java.length, 'Java file')} that can't run here`
  return `${count(modules.length, 'JavaScript module')}${javaText}`
}

const descriptorText = (mode: Mode, descriptor: DescriptorDescription | undefined): string =>
  descriptor === undefined
    ? `${mode}: no descriptor`
    : section(`${mode}: ${descriptor.path}`, descriptor.services.map(serviceText).join('\n'))

function serviceText({
  name,
  className,
  module,
  scope,
  allowedMethods,
  providers,
  ...rest
}: ServiceDescription): string {
  const { loadOnStartup, securityDescriptor, wsdlFile } = rest
  return [
    plain(name),
    indent(
      facts([
        ['class', className],
        ['module', module ?? (className === undefined ? undefined : 'none')],
        ['scope', loadOnStartup ? `${scope}, loaded at start` : scope],
        ['methods', allowedMethods === '*' ? 'all' : allowedMethods.join(' ')],
        ['providers', providers.join(' ')],
        ['security', securityDescriptor],
        ['WSDL', wsdlFile],
      ]),
    ),
  ].join('\n')
}

function differenceText({ onlySecure, onlyOpen, global, services, unprotected }: SecureOpenDifference): string {
  const parameter = ({ name, secure, open }: SecureOpenDifference['global'][number]): string =>
    `${name}: ${secure ?? 'not there'} when secure, ${open ?? 'not there'} when open`
  return facts([
    ...onlySecure.map((name) => ['only secure', name] as const),
    ...onlyOpen.map((name) => ['only open', name] as const),
    ...global.map((each) => ['global', parameter(each)] as const),
    ...services.flatMap(({ name, parameters }) => parameters.map((each) => [name, parameter(each)] as const)),
    ...unprotected.map(
      ({ service, methods }) =>
        ['unprotected when open', `${service}: ${methods === '*' ? 'all methods' : methods.join(' ')}`] as const,
    ),
  ])
}

function jndiText({ global, services }: NonNullable<GarDescription['jndi']>): string {
  const contexts: readonly (readonly [string, JndiContextDescription])[] = [['', global], ...Object.entries(services)]
  return contexts
    .flatMap(([service, { environments, resources, links }]) => {
      const name = (entry: { readonly name: string }) =>
        service === '' ? entry.name : `services/${service}/${entry.name}`
      return [
        ...environments.map((entry) => `${name(entry)} = ${JSON.stringify(entry.value)}`),
        ...resources.map(
          (entry) => `${name(entry)}: ${entry.type}, ${count(Object.keys(entry.parameters).length, 'parameter')}`,
        ),
        ...links.map((entry) => `${name(entry)} -> ${entry.target}`),
      ]
    })
    .map(plain)
    .join('\n')
}

const packagesText = ({ packages }: ArchiveDescription): string =>
  packages
    .map(({ name, version, kind, type, stubs, importName, files }) => {
      const what = stubs ? 'stubs' : kind === type ? kind : `${kind}, ${type}`
      const how = importName === undefined ? '' : `, imported as '${importName}', ${count(files?.length ?? 0, 'file')}`
      return plain(`${name} ${version}: ${what}${how}`)
    })
    .join('\n')

const needsText = ({ dependencies, requirements }: ArchiveDescription): string =>
  facts([
    ...dependencies.services.map(
      (service) => ['service', `${service.serviceClass}/${service.serviceName} ${service.version ?? '(any)'}`] as const,
    ),
    ...dependencies.packages.map(
      ({ service, packageName, version, optional }) =>
        [
          'package',
          `${service.serviceClass}/${service.serviceName}/${packageName} ${version}${optional ? ', optional' : ''}`,
        ] as const,
    ),
    ...requirements.map(
      ({ category, requirement, operator, value }) =>
        ['node', `${category} ${requirement} ${operator} ${value}`] as const,
    ),
  ])
