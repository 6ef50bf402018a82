import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TransitionIllegal } from '../../src/lifecycle/lifecycle-errors.ts'
import { requestState, stateOf } from '../../src/lifecycle/request-state.ts'
import { defaultRestartPolicy } from '../../src/lifecycle/restart-policy.ts'
import { type FakeInstance, fakeInstance, limits, type Work, work } from '../support/fake-instance.ts'

const all = [...work]
const but = (...names: Work[]): Work[] => all.filter((name) => !names.includes(name))
const crash = { code: 'DHN_PLACE_ENDED', message: 'the process ended with SIGKILL' }

/** Lets everything that is due happen. */
const settle = () => vi.advanceTimersByTimeAsync(0)
const state = (fake: FakeInstance) => stateOf(fake.instance.getSnapshot())
const context = (fake: FakeInstance) => fake.instance.getSnapshot().context
const begun = (fake: FakeInstance, name: Work) => {
  const found = fake.begun.filter((begin) => begin.name === name).at(-1)
  if (found === undefined) throw new Error(`${name} has not begun: ${fake.story}`)
  return found
}
async function started(...parameters: Parameters<typeof fakeInstance>): Promise<FakeInstance> {
  const fake = fakeInstance(...parameters)
  await settle()
  return fake
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a running instance on its way to ready', () => {
  it('launches, passes its gates, is told ready() and then serves', async () => {
    const fake = await started({}, all)
    expect(fake.story).toEqual(['launch', 'gates', 'ready', 'open'])
    expect(fake.instance.getSnapshot().hasTag('serving')).toBe(true)
    expect(fake.instance.getSnapshot().hasTag('settled')).toBe(true)
  })

  it('does not serve before ready() has ended', async () => {
    const fake = await started({}, but('ready'))
    expect([state(fake), fake.open]).toEqual(['readying', false])
    begun(fake, 'ready').end()
    await settle()
    expect([state(fake), fake.open]).toEqual(['ready', true])
  })

  it('tells what it waits for while it is registered, and no longer', async () => {
    const fake = await started({}, but('gates', 'ready'))
    fake.instance.send({ type: 'waits', waitsFor: ['credentials', 'Samples/Counter'] })
    expect(context(fake).waitsFor).toEqual(['credentials', 'Samples/Counter'])
    begun(fake, 'gates').end()
    await settle()
    expect(context(fake).waitsFor).toEqual([])
  })

  it('fails when its gates do not pass in time, and says what was missing', async () => {
    const fake = await started({ policy: 'never' }, but('gates'))
    fake.instance.send({ type: 'waits', waitsFor: ['Samples/Counter'] })
    await vi.advanceTimersByTimeAsync(limits.gates)
    expect(context(fake).cause).toMatchObject({
      code: 'DHN_GATES_CLOSED',
      message: 'Samples/Counter did not come within 400 ms',
    })
    expect(fake.story).toEqual(['launch', 'gates', 'failed', 'release'])
  })

  it('calls redeployed() before ready() on a substitute, once', async () => {
    const fake = await started({ substitute: true }, all)
    expect(fake.story).toEqual(['launch', 'gates', 'redeployed', 'ready', 'open'])
    requestState(fake.instance, { to: 'disabled', by: 'service' })
    await settle()
    requestState(fake.instance, { to: 'ready', by: 'service' })
    await settle()
    expect(fake.story.filter((name) => name === 'redeployed')).toHaveLength(1)
    expect(state(fake)).toBe('ready')
  })

  it('fails when redeployed() throws, and ready() is not called', async () => {
    const fake = await started({ substitute: true, policy: 'never' }, but('redeployed'))
    begun(fake, 'redeployed').throw('no checkpoint')
    await settle()
    expect(fake.story).toEqual(['launch', 'gates', 'redeployed', 'failed', 'release'])
    expect(context(fake).cause?.message).toBe('no checkpoint')
  })

  it('is disabled without any callback when that is what is wanted of it, and ready() runs when it is enabled', async () => {
    const fake = await started({ desired: 'disabled', substitute: true }, all)
    expect(fake.story).toEqual(['launch', 'gates'])
    expect(fake.instance.getSnapshot().matches({ disabled: 'quiet' })).toBe(true)
    requestState(fake.instance, { to: 'ready', by: 'operator' })
    await settle()
    expect(fake.story).toEqual(['launch', 'gates', 'redeployed', 'ready', 'open'])
  })
})

describe('ready() that throws or takes too long', () => {
  it('is a failure: failed() is called, the cause is kept, the place is thrown away', async () => {
    const fake = await started({ policy: 'never' }, but('ready'))
    begun(fake, 'ready').throw('no database')
    await settle()
    expect(fake.story).toEqual(['launch', 'gates', 'ready', 'failed', 'release'])
    expect(context(fake).cause).toEqual({ code: 'DHN_INTERNAL', message: 'no database' })
    expect(fake.instance.getSnapshot().can({ type: 'enable', by: 'operator' })).toBe(false)
  })

  it('is given up after its time limit, and its late end changes nothing', async () => {
    const fake = await started({ policy: 'never' }, but('ready'))
    const late = begun(fake, 'ready')
    await vi.advanceTimersByTimeAsync(limits.ready)
    expect(context(fake).cause).toMatchObject({ code: 'DHN_STEP_TOO_LONG', facts: { step: 'ready()', limit: 500 } })
    expect(late.signal.aborted).toBe(true)
    late.end()
    await settle()
    expect(state(fake)).toBe('failed')
  })

  it('keeps the first cause when failed() throws too, and goes on when failed() hangs', async () => {
    const fake = await started({ policy: 'never' }, but('ready', 'failed'))
    begun(fake, 'ready').throw('first')
    await settle()
    await vi.advanceTimersByTimeAsync(limits.callback)
    expect(fake.story.at(-1)).toBe('release')
    expect(context(fake).cause?.message).toBe('first')
  })
})

describe('a place that ends by itself', () => {
  it.each(['launch', 'gates', 'ready', 'drain', 'disabled'] as const)(
    'fails without failed() during %s',
    async (at) => {
      const fake = await started({ policy: 'never' }, but(at))
      if (at === 'drain' || at === 'disabled') {
        requestState(fake.instance, { to: 'disabled', by: 'operator' })
        await settle()
      }
      fake.instance.send({ type: 'ended', cause: crash })
      await settle()
      expect(fake.story.slice(-2)).toEqual([at, 'release'])
      expect(context(fake).cause).toEqual(crash)
      expect(fake.instance.getSnapshot().matches({ failed: 'gaveUp' })).toBe(true)
    },
  )

  it('closes the gate at once when it was ready', async () => {
    const fake = await started({}, all)
    fake.instance.send({ type: 'ended', cause: crash })
    expect(fake.open).toBe(false)
  })

  it('ends failed() early', async () => {
    const fake = await started({ policy: 'never' }, but('failed'))
    requestState(fake.instance, { to: 'failed', cause: crash })
    await settle()
    fake.instance.send({ type: 'ended', cause: { code: 'X', message: 'later' } })
    await settle()
    expect(fake.story.slice(-2)).toEqual(['failed', 'release'])
    expect(context(fake).cause).toEqual(crash)
  })

  it('has failed when it never registered: by an error, or by taking too long', async () => {
    const thrown = await started({ policy: 'never' }, but('launch'))
    begun(thrown, 'launch').throw('no such module')
    const slow = await started({ policy: 'never' }, but('launch'))
    await vi.advanceTimersByTimeAsync(limits.start)
    expect([thrown.story, slow.story]).toEqual([
      ['launch', 'release'],
      ['launch', 'release'],
    ])
    expect(context(slow).cause?.message).toBe('start took longer than 300 ms')
  })
})

describe('disabling', () => {
  it('refuses new calls at once, waits for those in flight, then tells disabled()', async () => {
    const fake = await started({}, but('drain'))
    requestState(fake.instance, { to: 'disabled', by: 'operator' })
    expect([fake.open, state(fake)]).toEqual([false, 'disabled'])
    expect(fake.instance.getSnapshot().hasTag('settled')).toBe(false)
    await settle()
    expect(fake.story.at(-1)).toBe('drain')
    begun(fake, 'drain').end()
    await settle()
    expect(fake.story.at(-1)).toBe('disabled')
    expect(fake.instance.getSnapshot().hasTag('settled')).toBe(true)
  })

  it('waits for calls in flight only so long', async () => {
    const fake = await started({}, but('drain'))
    requestState(fake.instance, { to: 'disabled', by: 'operator' })
    await vi.advanceTimersByTimeAsync(limits.drain)
    expect(fake.story.at(-1)).toBe('disabled')
  })

  it('succeeds though disabled() throws or hangs; the problem is kept as the cause', async () => {
    const fake = await started({}, but('disabled'))
    requestState(fake.instance, { to: 'disabled', by: 'operator' })
    await settle()
    begun(fake, 'disabled').throw('can not flush')
    await settle()
    expect(fake.instance.getSnapshot().matches({ disabled: 'quiet' })).toBe(true)
    expect(context(fake).cause?.message).toBe('can not flush')

    const slow = await started({}, but('disabled'))
    requestState(slow.instance, { to: 'disabled', by: 'operator' })
    await settle()
    await vi.advanceTimersByTimeAsync(limits.callback)
    expect(slow.instance.getSnapshot().matches({ disabled: 'quiet' })).toBe(true)
    expect(context(slow).cause?.message).toBe('disabled() took longer than 100 ms')
  })

  it('ends before an enable that came meanwhile begins', async () => {
    const fake = await started({}, but('drain', 'disabled'))
    requestState(fake.instance, { to: 'disabled', by: 'operator' })
    requestState(fake.instance, { to: 'ready', by: 'operator' })
    await settle()
    begun(fake, 'drain').end()
    await settle()
    begun(fake, 'disabled').end()
    await settle()
    expect(fake.story.slice(-4)).toEqual(['drain', 'disabled', 'ready', 'open'])
  })

  it('ends disabled when enable and disable both came meanwhile, the last one wins', async () => {
    const fake = await started({}, but('drain'))
    for (const to of ['disabled', 'ready', 'disabled'] as const) requestState(fake.instance, { to, by: 'operator' })
    await settle()
    begun(fake, 'drain').end()
    await settle()
    expect(fake.instance.getSnapshot().matches({ disabled: 'quiet' })).toBe(true)
    expect(context(fake).desired).toBe('disabled')
  })

  it('comes back disabled after a crash when an operator disabled it, ready when the service did by itself', async () => {
    for (const by of ['operator', 'service'] as const) {
      const fake = await started({}, all)
      requestState(fake.instance, { to: 'disabled', by })
      await settle()
      fake.instance.send({ type: 'ended', cause: crash })
      await vi.advanceTimersByTimeAsync(1_000)
      expect(state(fake)).toBe(by === 'operator' ? 'disabled' : 'ready')
    }
  })
})

describe('asking for a state', () => {
  it.each(['launch', 'gates', 'ready'] as const)('is illegal during %s, and changes nothing', async (at) => {
    const fake = await started({}, but(at))
    const before = fake.instance.getSnapshot()
    for (const to of ['ready', 'disabled'] as const) {
      expect(() => requestState(fake.instance, { to, by: 'service' })).toThrow(TransitionIllegal)
    }
    expect(fake.instance.getSnapshot()).toBe(before)
  })

  it('accepts the state it is in and calls nothing', async () => {
    const fake = await started({}, all)
    const told = fake.story.length
    requestState(fake.instance, { to: 'ready', by: 'service' })
    requestState(fake.instance, { to: 'disabled', by: 'service' })
    await settle()
    requestState(fake.instance, { to: 'disabled', by: 'service' })
    await settle()
    expect(fake.story.slice(told)).toEqual(['close', 'drain', 'disabled'])
  })

  it.each(['gates', 'ready', undefined] as const)('lets a service say that it failed (during %s)', async (at) => {
    const fake = await started({ policy: 'never' }, at === undefined ? all : but(at))
    requestState(fake.instance, { to: 'failed', cause: crash })
    await settle()
    expect(fake.story.slice(-2)).toEqual(['failed', 'release'])
  })

  it('is illegal for failed before it registered', async () => {
    const fake = await started({}, but('launch'))
    expect(() => requestState(fake.instance, { to: 'failed', cause: crash })).toThrow(
      "a running instance that is deployed can't become failed by asking",
    )
  })

  it('names restart as the way out of failed', async () => {
    const fake = await started({ policy: 'never' }, but('launch'))
    begun(fake, 'launch').throw('x')
    await settle()
    expect(() => requestState(fake.instance, { to: 'ready', by: 'operator' })).toThrow(
      expect.objectContaining({ code: 'DHN_TRANSITION_ILLEGAL', from: 'failed', to: 'ready', next: 'restart it' }),
    )
  })
})

describe('restarting a failed instance', () => {
  it('follows the back-off, as a substitute, in a new place', async () => {
    const fake = await started({}, all)
    fake.instance.send({ type: 'ended', cause: crash })
    await settle()
    expect(context(fake)).toMatchObject({ nextAttemptAt: Date.now() + 1_000, attempts: 0 })
    await vi.advanceTimersByTimeAsync(999)
    expect(state(fake)).toBe('failed')
    await vi.advanceTimersByTimeAsync(1)
    expect(state(fake)).toBe('ready')
    expect(fake.story.slice(-6)).toEqual(['release', 'launch', 'gates', 'redeployed', 'ready', 'open'])
    expect(context(fake)).toMatchObject({ attempts: 1, nextAttemptAt: undefined, cause: undefined })
  })

  it('gives up after 5 failures in 5 minutes, visibly, and an operator can start it again', async () => {
    const fake = await started({}, all)
    for (let i = 0; i < 5; i++) {
      fake.instance.send({ type: 'ended', cause: crash })
      await vi.advanceTimersByTimeAsync(20_000)
    }
    expect(fake.instance.getSnapshot().matches({ failed: 'gaveUp' })).toBe(true)
    expect(context(fake)).toMatchObject({ gaveUp: '5 failures within 300 s', cause: crash, attempts: 4 })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(state(fake)).toBe('failed')
    fake.instance.send({ type: 'restart' })
    await settle()
    expect(state(fake)).toBe('ready')
    expect(context(fake)).toMatchObject({ failures: [], attempts: 0, gaveUp: undefined })
  })

  it('forgets failures after it has been ready for a minute', async () => {
    const fake = await started({}, all)
    fake.instance.send({ type: 'ended', cause: crash })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(context(fake).failures).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(defaultRestartPolicy.healthyAfter)
    expect(context(fake)).toMatchObject({ failures: [], attempts: 0 })
  })

  it('takes an operator who does not want to wait', async () => {
    const fake = await started({}, all)
    fake.instance.send({ type: 'ended', cause: crash })
    await settle()
    fake.instance.send({ type: 'restart' })
    await settle()
    expect(state(fake)).toBe('ready')
  })

  it('takes a restart that comes while failed() or the release runs, after the release', async () => {
    for (const at of ['failed', 'release'] as const) {
      const fake = await started({ policy: 'never' }, but(at))
      requestState(fake.instance, { to: 'failed', cause: crash })
      await settle()
      fake.instance.send({ type: 'restart' })
      begun(fake, at).end()
      await settle()
      expect(fake.story.slice(-6)).toEqual(['release', 'launch', 'gates', 'redeployed', 'ready', 'open'])
    }
  })

  it('does not happen to a candidate until it adopts a policy', async () => {
    const fake = await started({ policy: 'never' }, all)
    fake.instance.send({ type: 'ended', cause: crash })
    await vi.advanceTimersByTimeAsync(600_000)
    expect(fake.instance.getSnapshot().matches({ failed: 'gaveUp' })).toBe(true)
    fake.instance.send({ type: 'adopt', policy: defaultRestartPolicy })
    expect(fake.instance.getSnapshot().matches({ failed: 'waiting' })).toBe(true)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(state(fake)).toBe('ready')
  })

  it('goes on when a place can not be released', async () => {
    const fake = await started({}, but('release'))
    fake.instance.send({ type: 'ended', cause: crash })
    await vi.advanceTimersByTimeAsync(limits.stop + 2_000)
    expect(fake.instance.getSnapshot().matches({ failed: 'waiting' })).toBe(true)
  })
})

describe('stopping', () => {
  it('drains a ready instance, then ends its place', async () => {
    const fake = await started({}, but('drain'))
    fake.instance.send({ type: 'stop' })
    expect(fake.open).toBe(false)
    await settle()
    expect([state(fake), fake.story.at(-1)]).toEqual(['stopping', 'drain'])
    begun(fake, 'drain').end()
    await settle()
    expect([state(fake), fake.story.at(-1)]).toEqual(['down', 'stop'])
  })

  it.each(['launch', 'gates', 'ready'] as const)('ends the place at once during %s', async (at) => {
    const fake = await started({}, but(at))
    fake.instance.send({ type: 'stop' })
    await settle()
    expect([state(fake), fake.story.at(-1), fake.story.at(-2)]).toEqual(['down', 'stop', at])
  })

  it.each([
    ['disabled', 'stop'],
    ['drain', 'drain,stop'],
  ] as const)('leaves %s behind when it is being disabled', async (at, then) => {
    const fake = await started({}, but(at))
    requestState(fake.instance, { to: 'disabled', by: 'operator' })
    await settle()
    const before = fake.story.length
    fake.instance.send({ type: 'stop' })
    await vi.advanceTimersByTimeAsync(limits.drain)
    expect(fake.story.slice(before).join()).toBe(then)
    expect(state(fake)).toBe('down')
  })

  it('has nothing left to end when it failed and its place is gone', async () => {
    const fake = await started({}, all)
    fake.instance.send({ type: 'ended', cause: crash })
    await settle()
    fake.instance.send({ type: 'stop' })
    await settle()
    expect([state(fake), fake.story.at(-1)]).toEqual(['down', 'release'])
  })

  it('waits for a release that has begun and ends nothing twice, a later restart notwithstanding', async () => {
    const fake = await started({}, but('release'))
    fake.instance.send({ type: 'ended', cause: crash })
    fake.instance.send({ type: 'stop' })
    fake.instance.send({ type: 'restart' })
    await settle()
    begun(fake, 'release').end()
    await settle()
    expect([state(fake), fake.story.filter((name) => name === 'stop')]).toEqual(['down', []])
  })

  it('ends though the place does not', async () => {
    const fake = await started({}, but('stop'))
    fake.instance.send({ type: 'stop' })
    await vi.advanceTimersByTimeAsync(limits.drain + limits.stop + 2_000)
    expect(state(fake)).toBe('down')
  })
})
