import { describe, expect, it } from 'vitest'
import { Dispatcher } from '../../src/container/dispatcher.ts'
import { EndpointTable, type Target } from '../../src/container/endpoints.ts'
import { type Reply, refuse } from '../../src/container/reply.ts'
import { SharedBytes, Traffic } from '../../src/container/traffic.ts'
import type { Place, PlaceCall, PlaceReply } from '../../src/isolate/place.ts'
import { gatekeeperFor } from '../support/gatekeeper.ts'

/** A place that keeps its calls until the test answers them. */
function place(name: string): Pick<Place, 'call'> & { answerAll(): void } {
  const waiting: (() => void)[] = []
  return {
    call(call: PlaceCall, done: (reply: PlaceReply) => void) {
      const body = Buffer.from(`${name} ${call.endpoint} ${call.method} ${call.args}`)
      waiting.push(() => done({ status: 200, contentType: 'application/json', body }))
    },
    answerAll() {
      for (const answer of waiting.splice(0)) answer()
    },
  }
}

function serving(name: string, services = ['Samples/Echo'], secure = false) {
  const here = place(name)
  const traffic = new Traffic()
  traffic.refusal = undefined
  traffic.place = here as unknown as Place
  const targets = services.map(
    (service, index): Target => ({ garId: 'echo', service, index, secure, methods: new Set(['echo']), traffic }),
  )
  return { here, traffic, targets }
}

function front() {
  const endpoints = new EndpointTable()
  const dispatcher = new Dispatcher(endpoints, gatekeeperFor())
  const replies: string[] = []
  const done = ({ status, body, refused }: Reply): void => {
    replies.push(`${status} ${refused?.code ?? Buffer.from(body).toString()}`)
  }
  const call = (path: string, method = 'echo'): void => {
    const endpoint = dispatcher.find(path)
    if (endpoint !== undefined) dispatcher.dispatch(endpoint, { method, args: '["x"]' }, done)
  }
  return { endpoints, dispatcher, replies, done, call }
}

describe('the dispatcher', () => {
  it('passes the arguments on as they came, to the endpoint with its place in the WSDD', () => {
    const { endpoints, replies, call } = front()
    const { here, targets } = serving('a', ['Samples/Echo', 'Samples/Second'])
    endpoints.switch('echo', targets)
    call('/Samples/Second')
    here.answerAll()
    expect(replies).toEqual(['200 a 1 echo ["x"]'])
  })

  it('refuses by state first, then by method, then by caller', () => {
    const { endpoints, replies, call } = front()
    const { traffic, targets } = serving('a', ['Samples/Echo'], true)
    endpoints.switch('echo', targets)
    traffic.refusal = refuse('DHN_DISABLED', 'the service is disabled', 30)
    call('/Samples/Echo', 'nonsense')
    traffic.refusal = undefined
    call('/Samples/Echo', 'nonsense')
    call('/Samples/Echo', 'echo')
    expect(replies).toEqual(['503 DHN_DISABLED', '501 DHN_METHOD_UNKNOWN', '401 DHN_UNAUTHENTICATED'])
  })

  it('answers refusals as S_ERROR with the numbers that DIRAC’s clients know', () => {
    const body = (reply: Reply) => JSON.parse(Buffer.from(reply.body).toString())
    expect(body(refuse('DHN_UNAUTHENTICATED', 'm'))).toEqual({ OK: false, Errno: 1111, Message: 'm' })
    expect(body(refuse('DHN_METHOD_UNKNOWN', 'm'))).toEqual({ OK: false, Errno: 38, Message: 'm' })
    expect(body(refuse('DHN_FAILED', 'm', 5))).toEqual({ OK: false, Errno: 0, Message: 'm' })
    expect(refuse('DHN_FAILED', 'm', 5).retryAfter).toBe(5)
  })

  it('serves a call that found its endpoint before a switch by what is there after it', () => {
    const { endpoints, dispatcher, replies, done } = front()
    const [old, next] = [serving('old'), serving('new')]
    endpoints.switch('echo', old.targets)
    const found = dispatcher.find('/Samples/Echo') as NonNullable<ReturnType<typeof dispatcher.find>>
    dispatcher.dispatch(found, { method: 'echo', args: '1' }, done)
    endpoints.switch('echo', next.targets)
    old.traffic.refusal = refuse('DHN_STOPPING', 'the service is being stopped')
    dispatcher.dispatch(found, { method: 'echo', args: '2' }, done)
    old.here.answerAll()
    next.here.answerAll()
    expect(replies).toEqual(['200 old 0 echo 1', '200 new 0 echo 2'])
    endpoints.switch('echo', [])
    dispatcher.dispatch(found, { method: 'echo', args: '3' }, done)
    expect(replies.at(-1)).toBe('404 DHN_SERVICE_NOT_HERE')
  })

  it('takes all addresses of a GAR over at once, and leaves those of others', () => {
    const { endpoints } = front()
    endpoints.switch('echo', serving('a', ['Samples/Echo', 'Samples/Old']).targets)
    const other = serving('b', ['Samples/Other']).targets.map((target) => ({ ...target, garId: 'other' }))
    endpoints.switch('other', other)
    endpoints.switch('echo', serving('c', ['Samples/Echo', 'Samples/New']).targets)
    expect(endpoints.paths()).toEqual(['/Samples/Echo', '/Samples/New', '/Samples/Other'])
  })

  it('finds no path but the exact one', () => {
    const { endpoints, dispatcher } = front()
    endpoints.switch('echo', serving('a').targets)
    for (const path of [
      '/samples/echo',
      '/Samples/Echo/',
      '//Samples/Echo',
      '/Samples%2FEcho',
      'Samples/Echo',
      '/constructor',
    ]) {
      expect(dispatcher.find(path)).toBeUndefined()
    }
  })
})

describe('the traffic of an incarnation', () => {
  const MiB = 1024 * 1024

  it('is refused when there are too many calls or bytes inside, and counts how often', () => {
    const traffic = new Traffic({ calls: 2, bytes: 100 })
    traffic.enter(60)
    expect([traffic.overload(40), traffic.overload(41)?.refused?.code]).toEqual([undefined, 'DHN_OVERLOADED'])
    expect([traffic.hold(40), traffic.hold(1), traffic.bytes]).toEqual([true, false, 100])
    traffic.release(40)
    traffic.enter(0)
    expect(traffic.overload(0)?.retryAfter).toBe(1)
    traffic.leave(60)
    traffic.leave(0)
    expect([traffic.bytes, traffic.overload(100)]).toEqual([0, undefined])
    expect(traffic.figures.refusals).toEqual(new Map([['DHN_OVERLOADED', 3]]))
  })

  it('has a reserve of its own when others fill the node', () => {
    const shared = new SharedBytes(10 * MiB)
    const limits = { calls: 10, bytes: 100 * MiB }
    const [greedy, modest] = [new Traffic(limits, undefined, shared), new Traffic(limits, undefined, shared)]
    expect([greedy.hold(10 * MiB), greedy.hold(1)]).toEqual([true, false])
    expect([modest.hold(MiB), modest.hold(1)]).toEqual([true, false])
    greedy.release(10 * MiB)
    expect(modest.hold(9 * MiB)).toBe(true)
  })

  it('is idle when the last call has been answered, and says how many were cut at the deadline', async () => {
    const traffic = new Traffic()
    expect(await traffic.whenIdle(0)).toBe(0)
    traffic.enter()
    traffic.enter()
    const cut = traffic.whenIdle(1)
    expect(await cut).toBe(2)
    const idle = traffic.whenIdle(60_000)
    traffic.leave()
    traffic.leave()
    expect(await idle).toBe(0)
  })
})
