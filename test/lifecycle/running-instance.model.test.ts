import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LifecycleEvent } from '../../src/lifecycle/lifecycle-vocabulary.ts'
import type { RestartPolicy } from '../../src/lifecycle/restart-policy.ts'
import { type FakeInstance, fakeInstance, limits, type Work } from '../support/fake-instance.ts'

// A plain model of the lifecycle, written apart from the machine: what is tried at random on both must end alike.

const policy: RestartPolicy = {
  firstDelay: 1_000,
  longestDelay: 4_000,
  jitter: 0,
  healthyAfter: 50_000,
  giveUp: { failures: 3, within: 10_000_000 },
}

/** What runs in each state, and how long it may. */
const running = {
  deployed: ['launch', limits.start],
  registered: ['gates', limits.gates],
  'readying.substituting': ['redeployed', limits.callback],
  'readying.preparing': ['ready', limits.ready],
  ready: [undefined, policy.healthyAfter],
  'disabled.draining': ['drain', limits.drain],
  'disabled.telling': ['disabled', limits.callback],
  'disabled.quiet': [undefined, 100_000],
  'failed.telling': ['failed', limits.callback],
  'failed.releasing': ['release', limits.stop + 2_000],
  'failed.waiting': [undefined, 0],
  'failed.gaveUp': [undefined, 100_000],
  'stopping.draining': ['drain', limits.drain],
  'stopping.ending': ['stop', limits.stop + 2_000],
  down: [undefined, 100_000],
} as const satisfies Record<string, readonly [Work | undefined, number]>
type State = keyof typeof running
type Step = 'ok' | 'throws' | 'time' | 'late' | Exclude<LifecycleEvent['type'], 'waits'>
interface Tried {
  readonly step: Step
  readonly by: 'operator' | 'service'
}

class Model {
  state: State = 'deployed'
  failures = 0
  told = 0
  asked: 'enable' | 'restart' | 'stop' | undefined
  constructor(
    public desired: 'ready' | 'disabled',
    public substitute: boolean,
    public restarts: boolean,
  ) {}

  try({ step, by }: Tried): void {
    const [work] = running[this.state]
    if (step === 'adopt') {
      this.restarts = true
      if (this.state === 'failed.gaveUp') this.decide()
    } else if (step === 'ok' && work !== undefined) this.ended(true)
    else if ((step === 'throws' && work !== undefined) || step === 'time') this.ended(false)
    else if (step === 'enable' || step === 'disable') this.ask(step, by)
    else if (step === 'fail' || step === 'ended') this.fail(step === 'fail')
    else if (step === 'restart') this.restart()
    else if (step === 'stop') this.stop()
  }

  /** The work of the state has ended, or its time has. */
  private ended(well: boolean): State {
    switch (this.state) {
      case 'deployed':
        return well ? this.go('registered') : this.go('failed.releasing')
      case 'registered':
        if (!well) return this.go('failed.telling')
        return this.desired === 'disabled' ? this.go('disabled.quiet') : this.toReadying()
      case 'readying.substituting':
        if (!well) return this.go('failed.telling')
        this.substitute = false
        return this.go('readying.preparing')
      case 'readying.preparing':
        return well ? this.go('ready') : this.go('failed.telling')
      case 'ready':
        this.failures = 0
        return this.state
      case 'disabled.draining':
        return this.go('disabled.telling')
      case 'disabled.telling':
        return this.asked === 'enable' ? this.toReadying() : this.go('disabled.quiet')
      case 'failed.telling':
        return this.go('failed.releasing')
      case 'failed.releasing':
        return this.decide()
      case 'failed.waiting':
        return this.startAnew()
      case 'stopping.draining':
        return this.go('stopping.ending')
      case 'stopping.ending':
        return this.go('down')
      default:
        return this.state
    }
  }

  private ask(step: 'enable' | 'disable', by: Tried['by']): State {
    const disabled = this.state.startsWith('disabled')
    if (this.state !== 'ready' && !disabled) return this.state
    if (by === 'operator') this.desired = step === 'enable' ? 'ready' : 'disabled'
    if (this.state === 'ready' && step === 'disable') this.go('disabled.draining')
    else if (this.state === 'disabled.quiet' && step === 'enable') this.toReadying()
    else if (disabled && this.state !== 'disabled.quiet') this.asked = step === 'enable' ? 'enable' : undefined
    return this.state
  }

  private fail(lives: boolean): State {
    const heard = /^(registered|readying|ready|disabled)/.test(this.state)
    if (heard) this.go(lives ? 'failed.telling' : 'failed.releasing')
    else if (!lives && (this.state === 'deployed' || this.state === 'failed.telling')) this.go('failed.releasing')
    else if (!lives && this.state === 'stopping.draining') this.go('stopping.ending')
    return this.state
  }

  private restart(): State {
    if (this.state === 'failed.waiting' || this.state === 'failed.gaveUp') {
      this.failures = 0
      this.startAnew()
    } else if (this.state.startsWith('failed') && this.asked !== 'stop') this.asked = 'restart'
    return this.state
  }

  private stop(): State {
    if (this.state === 'ready' || this.state === 'disabled.draining') this.go('stopping.draining')
    else if (this.state === 'failed.releasing') this.asked = 'stop'
    else if (this.state === 'failed.waiting' || this.state === 'failed.gaveUp') this.go('down')
    else if (!/^(stopping|down)/.test(this.state)) this.go('stopping.ending')
    return this.state
  }

  private decide(): State {
    if (this.asked === 'stop') return this.go('down')
    if (this.asked === 'restart') {
      this.failures = 0
      return this.startAnew()
    }
    return this.go(this.restarts && this.failures < policy.giveUp.failures ? 'failed.waiting' : 'failed.gaveUp')
  }

  private startAnew(): State {
    this.substitute = true
    return this.go('deployed')
  }

  private toReadying(): State {
    return this.go(this.substitute ? 'readying.substituting' : 'readying.preparing')
  }

  private go(to: State): State {
    if (to.startsWith('failed') && !this.state.startsWith('failed')) {
      this.failures++
      this.asked = undefined
    }
    if (to === 'failed.telling') this.told++
    if (!/^(failed|disabled)/.test(to)) this.asked = undefined
    this.state = to
    return to
  }
}

const stateOf = ({ instance }: FakeInstance): string => {
  const { value } = instance.getSnapshot()
  return typeof value === 'string' ? value : (Object.entries(value)[0] as string[]).join('.')
}
const current = (fake: FakeInstance) => fake.begun.filter(({ signal }) => !signal.aborted)

/** Until what the state waits for; a restart has a time of its own. */
function timeOf({ instance }: FakeInstance, state: State): number {
  const { nextAttemptAt } = instance.getSnapshot().context
  return state === 'failed.waiting' && nextAttemptAt !== undefined ? nextAttemptAt - Date.now() : running[state][1]
}

/** Does to the machine what `Model.try` does to the model. */
async function tryOn(fake: FakeInstance, { step, by }: Tried, state: State): Promise<void> {
  const cause = { code: 'DHN_PLACE_ENDED', message: 'killed' }
  if (step === 'ok') current(fake)[0]?.end()
  else if (step === 'throws') current(fake)[0]?.throw('thrown')
  else if (step === 'late') fake.begun.find(({ signal }) => signal.aborted)?.end()
  else if (step === 'time') await vi.advanceTimersByTimeAsync(timeOf(fake, state))
  else if (step === 'fail' || step === 'ended') fake.instance.send({ type: step, cause })
  else if (step === 'enable' || step === 'disable') fake.instance.send({ type: step, by })
  else if (step === 'adopt') fake.instance.send({ type: step, policy })
  else fake.instance.send({ type: step })
  await vi.advanceTimersByTimeAsync(0)
}

function expectSound(fake: FakeInstance, model: Model): void {
  const { story } = fake
  const snapshot = fake.instance.getSnapshot()
  expect(stateOf(fake)).toBe(model.state)
  expect(snapshot.context).toMatchObject({ desired: model.desired, substitute: model.substitute })
  expect(snapshot.context.failures.length).toBe(model.failures)

  // It serves when ready() succeeded last, and only then.
  expect([fake.open, snapshot.hasTag('serving')]).toEqual([model.state === 'ready', model.state === 'ready'])
  for (const [index, told] of story.entries()) if (told === 'open') expect(story[index - 1]).toBe('ready')

  // One thing runs at a time, and it is the one that belongs to the state.
  expect(current(fake).map(({ name }) => name)).toEqual([running[model.state][0]].filter((name) => name !== undefined))

  // failed() is called once for each failure of a place that lives; every launch ends with one release or stop.
  const count = (name: string) => story.filter((told) => told === name).length
  expect(count('failed')).toBe(model.told)
  const held = !/^(failed\.(releasing|waiting|gaveUp)|stopping\.ending|down)/.test(model.state)
  expect(count('launch') - count('release') - count('stop')).toBe(held ? 1 : 0)

  // Why is always known, and a restart that will come has its time.
  if (model.state.startsWith('failed')) expect(snapshot.context.cause).toBeDefined()
  expect(snapshot.context.nextAttemptAt !== undefined).toBe(model.state === 'failed.waiting')
  expect(snapshot.context.gaveUp !== undefined).toBe(model.state === 'failed.gaveUp')
  expect(snapshot.status).toBe(model.state === 'down' ? 'done' : 'active')
}

const steps = fc.array(
  fc.record({
    step: fc.oneof(
      { weight: 8, arbitrary: fc.constant<Step>('ok') },
      {
        weight: 7,
        arbitrary: fc.constantFrom<Step>(
          'throws',
          'time',
          'late',
          'enable',
          'disable',
          'fail',
          'ended',
          'restart',
          'adopt',
        ),
      },
      { weight: 1, arbitrary: fc.constant<Step>('stop') },
    ),
    by: fc.constantFrom('operator' as const, 'service' as const),
  }),
  { minLength: 5, maxLength: 40 },
)

beforeEach(() => {
  vi.useFakeTimers()
  // xstate says so when something is sent to what has ended; here that is what is tried.
  vi.spyOn(console, 'warn').mockReturnValue()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a running instance to which anything happens', () => {
  it('does what a plain model does, one thing at a time, and lets calls in only after ready()', async () => {
    const visited = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.constantFrom('ready' as const, 'disabled' as const),
        fc.boolean(),
        fc.boolean(),
        async (sequence, desired, substitute, restarts) => {
          const fake = fakeInstance({ desired, substitute, policy: restarts ? policy : 'never' })
          const model = new Model(desired, substitute, restarts)
          await vi.advanceTimersByTimeAsync(0)
          expectSound(fake, model)
          for (const tried of sequence) {
            const before = model.state
            await tryOn(fake, tried, before)
            model.try(tried)
            expectSound(fake, model)
            visited.add(`${before} ${tried.step}`)
          }
          fake.instance.stop()
        },
      ),
      { numRuns: 500 },
    )
    // It went everywhere, and most steps were tried in most states.
    expect(new Set([...visited].map((tried) => tried.split(' ')[0]))).toEqual(new Set(Object.keys(running)))
    expect(visited.size).toBeGreaterThan(120)
  })
})
