import { type CfgSection, listOf } from './cfg.ts'
import { getOptionsDict, getSections, systemSections } from './look-up.ts'
import { optionAt, sectionAt } from './options.ts'

/** A service that a configuration describes. */
export interface DescribedService {
  /** `System/Service`. */
  readonly name: string
  /** The path of its section. */
  readonly section: string
  /** `Protocol` is `https`, in any case: a start of all services takes it. */
  readonly isHttps: boolean
  /** The module file with its handler, as written; `Module` names another service whose one it is. */
  readonly handlerPath: string | undefined
  /** The names of the services that it stands for: it is a group then and no service itself. */
  readonly load: readonly string[]
  /** Its options, as texts. */
  readonly options: ReadonlyMap<string, string>
}

/** Every service below `/Systems` in whatever layout, in the order of the text. */
export function describedServices(root: CfgSection): readonly DescribedService[] {
  return getSections(root, '/Systems').flatMap((system) => {
    const found = new Map<string, DescribedService>()
    for (const place of systemSections(root, system)) {
      for (const service of getSections(root, `${place}/Services`)) {
        if (found.has(service)) continue
        const section = `${place}/Services/${service}`
        found.set(service, {
          name: `${system}/${service}`,
          section,
          isHttps: optionAt(root, `${section}/Protocol`)?.value.toLowerCase() === 'https',
          handlerPath: handlerPathOf(root, system, section),
          load: listOf(optionAt(root, `${section}/Load`)?.value ?? '').map((one) => withSystem(one, system)),
          options: getOptionsDict(root, section),
        })
      }
    }
    return [...found.values()]
  })
}

function handlerPathOf(root: CfgSection, system: string, section: string): string | undefined {
  const module = optionAt(root, `${section}/Module`)?.value
  if (!module) return optionAt(root, `${section}/HandlerPath`)?.value || undefined
  const [otherSystem = '', service = '', ...more] = withSystem(module, system).split('/')
  if (more.length > 0) return undefined
  const place = systemSections(root, otherSystem).find((each) => sectionAt(root, `${each}/Services/${service}`))
  return (place && optionAt(root, `${place}/Services/${service}/HandlerPath`)?.value) || undefined
}

/** A name without its system is one of the same system. */
const withSystem = (name: string, system: string): string => (name.includes('/') ? name : `${system}/${name}`)
