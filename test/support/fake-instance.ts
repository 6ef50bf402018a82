import { createActor, fromPromise } from 'xstate'
import type { LifecycleInput } from '../../src/lifecycle/lifecycle-vocabulary.ts'
import { defaultRestartPolicy } from '../../src/lifecycle/restart-policy.ts'
import { type RunningInstance, runningInstance } from '../../src/lifecycle/running-instance.machine.ts'

export const work = [
  'launch',
  'gates',
  'redeployed',
  'ready',
  'drain',
  'disabled',
  'failed',
  'release',
  'stop',
] as const
export type Work = (typeof work)[number]

/** Work that was begun and hasn't ended: the test says how it ends. */
export interface Begun {
  readonly name: Work
  readonly signal: AbortSignal
  end(): void
  throw(message: string): void
}

export const limits = { start: 300, gates: 400, ready: 500, callback: 100, drain: 200, stop: 150 }

export interface FakeInstance {
  readonly instance: RunningInstance
  /** Everything that was begun, and each opening and closing of the gate, in order. */
  readonly story: string[]
  /** What has begun and not ended yet, left behind or not. */
  readonly begun: Begun[]
  open: boolean
}

/** An instance whose work is done by the test. `doing` names work that ends well by itself at once. */
export function fakeInstance(input: Partial<LifecycleInput> = {}, doing: readonly Work[] = []): FakeInstance {
  const story: string[] = []
  const begun: Begun[] = []
  const fake = (name: Work) =>
    fromPromise<void, undefined>(({ signal }) => {
      story.push(name)
      return new Promise<void>((resolve, reject) => {
        if (doing.includes(name)) return resolve()
        const begin: Begun = {
          name,
          signal,
          end: () => {
            begun.splice(begun.indexOf(begin), 1)
            resolve()
          },
          throw: (message) => {
            begun.splice(begun.indexOf(begin), 1)
            reject(new Error(message))
          },
        }
        begun.push(begin)
      })
    })
  const machine = runningInstance.provide({
    actors: {
      launch: fake('launch'),
      gates: fake('gates'),
      redeployed: fake('redeployed'),
      ready: fake('ready'),
      drain: fake('drain'),
      disabled: fake('disabled'),
      failed: fake('failed'),
      release: fake('release'),
      stop: fake('stop'),
    },
    actions: {
      open: () => {
        made.open = true
        story.push('open')
      },
      close: () => {
        made.open = false
        story.push('close')
      },
    },
  })
  const instance = createActor(machine, {
    input: { secure: false, desired: 'ready', substitute: false, policy: defaultRestartPolicy, limits, ...input },
  })
  const made: FakeInstance = { instance, story, begun, open: false }
  instance.start()
  return made
}
