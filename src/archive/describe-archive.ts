import type { Archive, Gar, Mode } from './archive.ts'
import type {
  ArchiveDescription,
  DescriptorDescription,
  GarDescription,
  HandlerDescription,
  JndiContextDescription,
  JndiDescription,
  PackageDescription,
  ServiceDescription,
} from './archive-description.ts'
import { problemsFor } from './descriptor-for.ts'
import type { JndiContext } from './jndi.ts'
import { moduleOf } from './module-of-class.ts'
import { secureOpenDifference } from './secure-open-difference.ts'
import type { WsddHandler, WsddService } from './wsdd.ts'

/** An archive as data that can be printed. */
export function describeArchive(archive: Archive): ArchiveDescription {
  const { kind, id, digest, size, gar, profile, problems } = archive
  const declared = profile?.packages ?? []
  return {
    kind,
    id,
    digest,
    size,
    deployable: { secure: isDeployable(archive, 'secure'), open: isDeployable(archive, 'open') },
    gar: gar && describeGar(gar),
    profile: profile && withoutProblems(profile),
    packages: describePackages(archive),
    requirements: declared.flatMap(({ name, requirements }) =>
      requirements.map((requirement) => ({ package: name, ...requirement })),
    ),
    dependencies: {
      services: profile?.dependencies ?? [],
      packages: declared.flatMap(({ name, dependencies }) =>
        dependencies.map((dependency) => ({ package: name, ...dependency })),
      ),
    },
    problems,
  }
}

/** An archive of Software packages only needs no descriptor: it is the same in both modes. */
function isDeployable(archive: Archive, mode: Mode): boolean {
  const described = archive.gar === undefined || archive.gar.descriptors[mode] !== undefined
  return described && problemsFor(archive, mode).every(({ level }) => level !== 'error')
}

function withoutProblems<T extends { readonly problems: unknown }>({ problems, ...rest }: T): Omit<T, 'problems'> {
  return rest
}

function describeGar(gar: Gar): GarDescription {
  const { id, format, entries, unpackedSize, modules, java } = gar
  return {
    id,
    format,
    entries,
    unpackedSize,
    modules,
    java,
    descriptors: { secure: describeDescriptor(gar, 'secure'), open: describeDescriptor(gar, 'open') },
    secureOpenDifference: secureOpenDifference(gar),
    jndi: describeJndi(gar),
  }
}

function describeDescriptor(gar: Gar, mode: Mode): DescriptorDescription | undefined {
  const descriptor = gar.descriptors[mode]
  if (descriptor === undefined) return undefined
  const { path, wsdd } = descriptor
  const modules = new Set(gar.modules)
  return {
    path,
    globalParameters: Object.fromEntries(wsdd.globalParameters),
    requestFlow: wsdd.requestFlow.map(describeHandler),
    responseFlow: wsdd.responseFlow.map(describeHandler),
    services: wsdd.services.map((service) => describeService(service, modules)),
  }
}

const describeHandler = ({ name, type, parameters }: WsddHandler): HandlerDescription => ({
  name,
  type,
  parameters: Object.fromEntries(parameters),
})

function describeService(service: WsddService, modules: ReadonlySet<string>): ServiceDescription {
  const { name, className, provider, use, style, scope, loadOnStartup } = service
  const { allowedMethods, providers, securityDescriptor, wsdlFile, parameters } = service
  return {
    name,
    className,
    module: className === undefined ? undefined : moduleOf(className, modules),
    provider,
    use,
    style,
    scope,
    loadOnStartup,
    allowedMethods,
    providers,
    securityDescriptor,
    wsdlFile,
    parameters: Object.fromEntries(parameters),
  }
}

function describeJndi({ jndi }: Gar): JndiDescription | undefined {
  if (jndi === undefined) return undefined
  const { global, services } = jndi.config
  return {
    path: jndi.path,
    global: describeContext(global),
    services: Object.fromEntries([...services].map(([name, context]) => [name, describeContext(context)])),
  }
}

const describeContext = ({ environments, resources, links }: JndiContext): JndiContextDescription => ({
  environments: environments.map((environment) => ({
    ...environment,
    // JSON has no numbers of this size.
    value: typeof environment.value === 'bigint' ? String(environment.value) : environment.value,
  })),
  resources: resources.map((resource) => ({ ...resource, parameters: Object.fromEntries(resource.parameters) })),
  links,
})

function describePackages({ profile, packages }: Archive): PackageDescription[] {
  return (profile?.packages ?? []).map((declared) => {
    const { name, version, kind, type, stubs } = declared
    const carried = kind === 'main' ? undefined : packages.find((other) => other.declared.name === name)
    const { importName, digest, files } = carried ?? {}
    return { name, version, kind, type, stubs, importName, digest, files }
  })
}
