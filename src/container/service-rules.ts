import { isAbsolute, join, normalize } from 'node:path'
import { CallRules, type RuledService } from '../security/authorization/call-rules.ts'
import type { Authorization } from './authorization.ts'
import type { RuleSnapshot } from './rule-snapshot.ts'

export interface RuledTarget extends RuledService {
  readonly secure: boolean
  /** Of the WSDD service. */
  readonly parameters: Readonly<Record<string, string>>
  /** The folder of its deployment. */
  readonly directory: string
  /** The grid-map for descriptors that name none. */
  readonly gridMap: string
}

const openConfiguration = { line: 0, entries: new Map() }

/** The rules of one service that has registered, made anew when what they are made of has changed. */
export class ServiceRules {
  #madeOf: RuleSnapshot | undefined
  #rules: CallRules | undefined

  constructor(
    readonly target: RuledTarget,
    private readonly authorization: Authorization,
  ) {}

  get current(): CallRules {
    const { snapshot } = this.authorization
    if (this.#rules !== undefined && snapshot === this.#madeOf) return this.#rules
    this.#madeOf = snapshot
    this.#rules = this.#made(snapshot)
    return this.#rules
  }

  #made(snapshot: RuleSnapshot): CallRules {
    const { target } = this
    const { registry, file, self, withoutRule } = snapshot
    const facts = {
      registry,
      file,
      self,
      parameters: target.parameters,
      gridMap: snapshot.gridMap(gridMapFile(target)),
    }
    if (target.secure) return new CallRules(target, { ...facts, configuration: snapshot.configuration, withoutRule })
    // An open WSDD that names a security descriptor still means it; DIRAC's rules are those of the secure one.
    const methods = Object.fromEntries(Object.keys(target.methods).map((name) => [name, { rule: ['any'] }]))
    return new CallRules({ ...target, methods }, { ...facts, configuration: openConfiguration, withoutRule: 'any' })
  }
}

/** A path of the operator's when it is absolute, else one inside the deployment; one that leads out of it is none. */
function gridMapFile({ descriptors, directory, gridMap }: RuledTarget): string {
  const written = descriptors.service?.gridMap?.trim() ?? ''
  if (written === '') return gridMap
  if (isAbsolute(written)) return written
  const inside = normalize(written)
  return inside.startsWith('..') ? '' : join(directory, inside)
}
