import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Authorization } from '../../src/container/authorization.ts'
import { EndpointTable, type Target } from '../../src/container/endpoints.ts'
import { type Follower, Followers } from '../../src/container/followers.ts'
import { Following } from '../../src/container/following.ts'
import { refuse } from '../../src/container/reply.ts'
import { Traffic } from '../../src/container/traffic.ts'
import { trafficShare } from '../../src/transport/fronts/front-share.ts'
import { fewest } from '../../src/transport/fronts/fronts.ts'

const options = {
  traffic: { calls: 10, bytes: 1000, nodeBytes: 1000 },
  keptCalls: 4,
  supervision: { interval: 60_000, call: 60_000, unansweredCalls: 10 },
  leftUnanswered: () => {},
}
const nobody = {} as Authorization

/** The node's table, and fronts that follow it in this process. */
function tables() {
  const endpoints = new EndpointTable()
  const followers = new Followers(endpoints)
  const follow = () => {
    const own = new EndpointTable()
    const following = new Following(own, nobody, options)
    const follower: Follower = {
      // As it comes out of another process.
      tell: (change) => following.apply(structuredClone(change)),
      followed: () => following.followed(),
      whenIdle: (id, deadline) => following.whenIdle(id, deadline),
      calls: async (garId) => following.calls(garId),
    }
    followers.add(follower)
    return { own, following, follower, count: () => followers.count(follower, following.figures()) }
  }
  return { endpoints, followers, follow }
}

const targetsOf = (garId: string, traffic: Traffic, services: readonly string[]): Target[] =>
  services.map((service, index) => ({ garId, service, index, secure: false, methods: new Set(['m']), traffic }))

const step = fc.record({
  what: fc.constantFrom('offer', 'open', 'close', 'switch', 'undeploy', 'forget', 'join'),
  gar: fc.constantFrom('a', 'b'),
  version: fc.nat(2),
  services: fc.subarray(['one', 'two'], { minLength: 1 }),
})

describe('fronts', () => {
  it('know what the node knows after any changes, whenever they came', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { endpoints, followers, follow } = tables()
        const fronts = [follow()]
        const incarnations = new Map<string, { traffic: Traffic; targets: Target[]; offered: boolean }>()
        const live = new Map<string, string>()
        for (const { what, gar, version, services } of steps) {
          const name = `${gar}${version}`
          const known = incarnations.get(name)
          if (what === 'join') fronts.push(follow())
          else if (what === 'undeploy') {
            endpoints.switch(gar, [])
            live.delete(gar)
          } else if (what === 'offer') {
            const traffic = known?.traffic ?? new Traffic()
            const targets = targetsOf(
              gar,
              traffic,
              services.map((one) => `${gar}/${one}`),
            )
            incarnations.set(name, { traffic, targets, offered: true })
            followers.offer(traffic, targets, ['/nowhere'], () => {})
            if (live.get(gar) === name) endpoints.switch(gar, targets)
          } else if (known !== undefined && (what === 'open' || what === 'close')) {
            known.traffic.refusal = what === 'open' ? undefined : refuse('DHN_DISABLED', name)
            followers.gate(known.traffic)
          } else if (known !== undefined && what === 'switch') {
            endpoints.switch(gar, known.targets)
            live.set(gar, name)
          } else if (known !== undefined && what === 'forget' && live.get(gar) !== name) {
            followers.forget(known.traffic)
            incarnations.delete(name)
          }
        }
        for (const { own } of fronts) {
          expect(own.paths()).toEqual(endpoints.paths())
          for (const path of endpoints.paths()) {
            const [here, there] = [endpoints.find(path)?.target, own.find(path)?.target]
            expect([there?.service, there?.index, [...(there?.methods ?? [])]]).toEqual([
              here?.service,
              here?.index,
              [...(here?.methods ?? [])],
            ])
            expect(there?.traffic.refusal?.refused).toEqual(here?.traffic.refusal?.refused)
          }
        }
      }),
    )
  })

  it('count together what each of them has, and what one that is gone had is counted no more', () => {
    const calls = fc.array(fc.record({ front: fc.nat(2), ends: fc.boolean(), status: fc.constantFrom(200, 500) }))
    fc.assert(
      fc.property(calls, fc.nat(2), (made, gone) => {
        const { endpoints, followers, follow } = tables()
        const fronts = [follow(), follow(), follow()] as const
        const traffic = new Traffic()
        const targets = targetsOf('a', traffic, ['a/one'])
        followers.offer(traffic, targets, ['/nowhere'], () => {})
        endpoints.switch('a', targets)
        for (const { front, ends, status } of made) {
          const there = fronts[front]?.own.find('/a/one')?.target?.traffic
          there?.enter(5)
          if (ends) there?.leave(5)
          if (ends) there?.figures.answered(status, 0.01)
          if (front === 0) fronts[0].count()
        }
        for (const { count } of fronts) count()
        const open = made.filter(({ ends }) => !ends)
        expect(traffic.elsewhere).toMatchObject({ inside: open.length, bytes: 5 * open.length })
        const answered = (first: number) => made.filter(({ ends, status }) => ends && status === 100 * first).length
        expect([traffic.figures.answers[2], traffic.figures.answers[5]]).toEqual([answered(2), answered(5)])
        followers.remove((fronts[gone] as (typeof fronts)[0]).follower)
        expect(traffic.elsewhere.inside).toBe(open.filter(({ front }) => front !== gone).length)
      }),
    )
  })

  it('are all waited for when an instance lets its calls end', async () => {
    const { endpoints, followers, follow } = tables()
    const fronts = [follow(), follow()]
    const traffic = new Traffic()
    const targets = targetsOf('a', traffic, ['a/one'])
    followers.offer(traffic, targets, ['/nowhere'], () => {})
    endpoints.switch('a', targets)
    const [one, other] = fronts.map(({ own }) => own.find('/a/one')?.target?.traffic)
    one?.enter()
    other?.enter()
    const idle = followers.whenIdle(traffic, 5000)
    one?.leave()
    expect(await Promise.race([idle, Promise.resolve('waits')])).toBe('waits')
    other?.leave()
    expect(await idle).toBe(0)
    other?.enter()
    expect(await followers.whenIdle(traffic, 0)).toBe(1)
  })

  it('hand on what they can not call: a service without sockets', () => {
    const { endpoints, followers, follow } = tables()
    const { own } = follow()
    const traffic = new Traffic()
    const targets = targetsOf('a', traffic, ['a/one'])
    followers.offer(traffic, targets, [], () => {})
    endpoints.switch('a', targets)
    expect(own.paths()).toEqual([])
  })

  it('have shares that are together no less than the whole, each enough for one call', () => {
    const limits = fc.record({ calls: fc.integer({ min: 1 }), bytes: fc.nat(), nodeBytes: fc.nat() })
    fc.assert(
      fc.property(limits, fc.integer({ min: 2, max: 64 }), fc.nat(1000), (given, fronts, bodyLimit) => {
        const whole = { ...given, bytes: given.bytes + bodyLimit, nodeBytes: given.nodeBytes + bodyLimit }
        const share = trafficShare(whole, fronts, bodyLimit)
        for (const field of ['calls', 'bytes', 'nodeBytes'] as const) {
          expect(share[field] * fronts).toBeGreaterThanOrEqual(whole[field])
          expect(share[field]).toBeLessThanOrEqual(whole[field])
        }
        expect(share.calls).toBeGreaterThanOrEqual(1)
        expect(Math.min(share.bytes, share.nodeBytes)).toBeGreaterThanOrEqual(bodyLimit)
      }),
    )
  })

  it('get a connection when they have the fewest', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1 }), (loads) => {
        expect(fewest(loads.map((load) => ({ load })))?.load).toBe(Math.min(...loads))
      }),
    )
    expect(fewest([])).toBeUndefined()
  })
})
