import { randomUUID } from 'node:crypto'
import type { ErrorData } from '../service/errors.ts'
import { CallRing } from './call-ring.ts'
import type { ProcessFigures } from './process-figures.ts'
import type { FlightRecord } from './views.ts'

type StateNote = FlightRecord['states'][number]
type Figures = FlightRecord['figures'][number]

const keptStates = 50
const keptFigures = 120

/** What a running instance did last, over its versions and restarts: bounded rings in memory, copied when it fails. */
export class FlightRecorder {
  /** Undefined where calls aren't recorded. */
  readonly calls: CallRing | undefined
  readonly #states: StateNote[] = []
  readonly #figures: Figures[] = []

  constructor(
    readonly garId: string,
    keptCalls: number,
  ) {
    this.calls = keptCalls === 0 ? undefined : new CallRing(keptCalls)
  }

  changed(note: Omit<StateNote, 'at'>): void {
    push(this.#states, { at: new Date().toISOString(), ...note }, keptStates)
  }

  measured(pid: number, { rssBytes, cpuMs }: ProcessFigures, inside: number): void {
    push(this.#figures, { at: new Date().toISOString(), pid, rssBytes, cpuMs, inside }, keptFigures)
  }

  /** All of it as it is now. */
  record(lastLines: readonly string[], cause?: ErrorData): FlightRecord {
    return {
      id: randomUUID(),
      garId: this.garId,
      at: new Date().toISOString(),
      ...(cause === undefined ? {} : { cause }),
      states: [...this.#states],
      calls: this.calls?.list() ?? [],
      figures: [...this.#figures],
      lastLines,
    }
  }
}

function push<T>(ring: T[], item: T, most: number): void {
  ring.push(item)
  if (ring.length > most) ring.shift()
}
