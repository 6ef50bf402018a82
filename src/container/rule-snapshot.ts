import { readFileSync } from 'node:fs'
import type { CfgSection } from '../cfg/cfg.ts'
import { fileStamp } from '../cfg/file-stamp.ts'
import { Administrators } from '../security/authorization/administrators.ts'
import type { Caller } from '../security/authorization/caller.ts'
import { listIn, optionIn, sectionIn } from '../security/authorization/configuration-section.ts'
import type { CallAccepted } from '../security/authorization/decision.ts'
import { compileRule } from '../security/authorization/dirac-rule.ts'
import { decideByDirac } from '../security/authorization/dirac-rules.ts'
import { GridMap } from '../security/authorization/grid-map.ts'
import { distinguishedNames, Registry } from '../security/authorization/registry.ts'

/**
 * What the rules of every service are made of, at one moment: the configuration, its registry, grid-maps, the node's own
 * name. Another one is made when one of them changes; rules that were made of the old one are then made anew.
 */
export class RuleSnapshot {
  readonly registry: Registry
  readonly administrators: Administrators
  readonly #gridMaps = new Map<string, { readonly stamp: string; readonly map: GridMap | undefined }>()
  readonly #visitors = new WeakMap<Caller, CallAccepted>()

  constructor(
    readonly configuration: CfgSection,
    /** The file that an option comes from. */
    readonly file: (path: string) => string,
    readonly withoutRule: 'any' | 'refuse',
    /** `textKey` of the name in the host certificate. */
    readonly self: string | undefined,
  ) {
    this.registry = new Registry(configuration)
    this.administrators = administratorsIn(configuration, file('/DHN/Security/Administrators'), this.registry)
  }

  /** Whether one of the grid-maps that were asked for is another now. */
  gridMapsChanged(): boolean {
    return [...this.#gridMaps].some(([file, { stamp }]) => fileStamp(file) !== stamp)
  }

  /** Undefined when it isn't there or can't be read, which maps nobody. */
  gridMap(file: string): GridMap | undefined {
    const known = this.#gridMaps.get(file) ?? { stamp: fileStamp(file), map: readGridMap(file) }
    this.#gridMaps.set(file, known)
    return known.map
  }

  /** Who somebody is whom no rule was asked about: an open service lets him in whoever he is. */
  visitor(caller: Caller, extraCredentials: unknown): CallAccepted {
    const known = extraCredentials === undefined ? this.#visitors.get(caller) : undefined
    if (known !== undefined) return known
    const decision = decideByDirac(everybody(this.registry), caller, extraCredentials, this.registry)
    const credentials = { ...(caller.name && { DN: caller.name.text }), properties: [] }
    const accepted: CallAccepted = decision.accepted
      ? decision
      : { accepted: true, rule: decision.rule, place: decision.place, credentials }
    if (extraCredentials === undefined) this.#visitors.set(caller, accepted)
    return accepted
  }
}

function administratorsIn(configuration: CfgSection, file: string, registry: Registry): Administrators {
  const security = sectionIn(configuration, ['DHN', 'Security'])
  const names = optionIn(security, 'Administrators')
  const line = names?.line ?? optionIn(security, 'AdministratorGroups')?.line
  return new Administrators({
    names: distinguishedNames(names?.value ?? ''),
    groups: listIn(security, 'AdministratorGroups'),
    registry,
    place: {
      kind: 'configuration',
      where: '/DHN/Security/Administrators and AdministratorGroups',
      file,
      ...(line === undefined ? {} : { line }),
    },
  })
}

const everybody = (registry: Registry) =>
  compileRule(['any'], { kind: 'missing', where: 'the open WSDD is live' }, registry)

function readGridMap(file: string): GridMap | undefined {
  try {
    return new GridMap(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
