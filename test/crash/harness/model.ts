/** What a client may believe of one GAR ID: it isn't deployed, or this version is, and is wanted ready or disabled. */
export type GarState = { readonly label: string; readonly desired: 'ready' | 'disabled' } | undefined

const textOf = (state: GarState): string => (state === undefined ? 'absent' : `${state.label} ${state.desired}`)

/**
 * What may be true of a node, by what was asked of it and what it acknowledged.
 *
 * One state is possible of a GAR ID at a time, but while something is under way, or was when the node ended: then it is as
 * it was before or as it is after, and which of them is found.
 */
export class Model {
  readonly #possible = new Map<string, readonly GarState[]>()
  /** The labels of what was live, the last one last, since the GAR ID was absent. */
  readonly #lived = new Map<string, readonly string[]>()

  possible(garId: string): readonly GarState[] {
    return this.#possible.get(garId) ?? [undefined]
  }

  /** The state of a GAR ID of which nothing is under way. */
  known(garId: string): GarState {
    return this.possible(garId)[0]
  }

  begin(garId: string, after: GarState): void {
    const before = this.known(garId)
    this.#possible.set(garId, textOf(before) === textOf(after) ? [before] : [before, after])
  }

  /** It was acknowledged, or refused. */
  settle(garId: string, state: GarState): void {
    this.#possible.set(garId, [state])
    const lived = this.#lived.get(garId) ?? []
    if (state === undefined) this.#lived.delete(garId)
    else if (lived.at(-1) !== state.label) this.#lived.set(garId, [...lived, state.label])
  }

  /** What is live and what was before it: their content must be there, if the node still names it. */
  lastTwo(garId: string): readonly string[] {
    return (this.#lived.get(garId) ?? []).slice(-2)
  }

  /** What was found after a start is what is true from now on. Returns what is wrong with it. */
  find(garId: string, found: GarState): string | undefined {
    const possible = this.possible(garId).map(textOf)
    this.settle(garId, found)
    return possible.includes(textOf(found)) ? undefined : `${garId} is ${textOf(found)}, not ${possible.join(' or ')}`
  }

  /** What its callers may hear, and whether nothing else may happen to them. */
  answers(garId: string): { readonly labels: ReadonlySet<string>; readonly always: boolean } {
    const states = this.possible(garId)
    return {
      labels: new Set(states.flatMap((state) => state?.label ?? [])),
      always: states.every((state) => state?.desired === 'ready'),
    }
  }
}
