import type { CfgSection } from './cfg.ts'
import { getOptionsDict, getSections, systemSections } from './look-up.ts'
import { entryAt, optionAt, sectionAt } from './options.ts'

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
          handlerPath: handlerPathOf(root, section),
          options: getOptionsDict(root, section),
        })
      }
    }
    return [...found.values()]
  })
}

function handlerPathOf(root: CfgSection, section: string): string | undefined {
  const own = optionAt(root, `${section}/HandlerPath`)?.value
  if (own) return own
  const other = optionAt(root, `${section}/Module`)?.value.split('/') ?? []
  const [system = '', service = ''] = other
  if (other.length !== 2) return undefined
  const place = systemSections(root, system).find((each) => sectionAt(root, `${each}/Services/${service}`))
  const path = place && entryAt(root, `${place}/Services/${service}/HandlerPath`)
  return path && 'value' in path ? path.value || undefined : undefined
}
