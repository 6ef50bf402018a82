import { describe, expect, it } from 'vitest'
import { AnswerReader } from '../../src/cli/load/answer-reader.ts'
import { Histogram } from '../../src/cli/load/histogram.ts'
import { loadPage, loadPicture } from '../../src/cli/load/load-picture.ts'
import { loadReport, type Measured } from '../../src/cli/load/load-report.ts'
import { reportText } from '../../src/cli/load/load-text.ts'
import { parseXml } from '../../src/xml/parse-xml.ts'

describe('a histogram of times', () => {
  it('knows quantiles to 3 %, and sum and longest exactly, also when it is put together of parts', () => {
    const values = Array.from({ length: 10_000 }, (_, place) => 1.0007 ** place * 20)
    const whole = new Histogram()
    for (let part = 0; part < 4; part += 1) {
      const some = new Histogram()
      for (const value of values.slice(part * 2500, part * 2500 + 2500)) some.add(value)
      whole.merge(some.data())
    }
    for (const part of [0, 0.01, 0.5, 0.9, 0.99, 1]) {
      const exact = values[Math.max(0, Math.ceil(values.length * part) - 1)] as number
      expect(Math.abs(whole.quantile(part) / exact - 1), `quantile ${part}`).toBeLessThan(0.035)
    }
    expect(whole.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 6)
    expect([whole.calls, whole.max]).toEqual([10_000, values.at(-1)])
  })

  it('has no quantiles of nothing, and takes what is too long for it', () => {
    const histogram = new Histogram()
    expect(histogram.quantile(0.5)).toBeNaN()
    histogram.add(1e12)
    expect(histogram.max).toBe(1e12)
    expect(histogram.quantile(0.5)).toBeGreaterThan(2e9)
  })
})

describe('an answer', () => {
  const ok = '{"OK": true, "Value": 1}'
  it.each([
    ['with a length', `HTTP/1.1 200 OK\r\nContent-Length: ${ok.length}\r\n\r\n${ok}`, [200, false, ok]],
    ['without a body', 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n', [401, false, '']],
    ['that is the last one', `HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 0\r\n\r\n`, [200, true, '']],
    [
      'in chunks',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n18\r\n${ok}\r\n0\r\n\r\n`,
      [200, false, expect.stringContaining(ok)],
    ],
    [
      'after an interim one',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: ${ok.length}\r\n\r\n${ok}`,
      [200, false, ok],
    ],
  ])('%s is read however it is cut', (_, text, expected) => {
    for (let size = 1; size <= text.length; size += 1) {
      const reader = new AnswerReader()
      const answers = (text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []).map((part) =>
        reader.read(Buffer.from(part)),
      )
      expect(answers.slice(0, -1).every((answer) => answer === undefined)).toBe(true)
      const { status, last, beginning } = answers.at(-1) ?? {}
      expect([status, last, beginning], `${size} bytes at a time`).toEqual(expected)
    }
  })
})

function second(number: number, millis: readonly number[], more: Partial<Measured> = {}): Measured {
  const times = new Histogram()
  for (const each of millis) times.add(each * 1000)
  return { second: number, connections: 2, times, errors: new Map(), ...more }
}

const usage = (cpuSeconds: number, memoryBytes: number) => ({
  cpuPercent: 50,
  memoryBytes,
  cpuSeconds,
  loadAverage: 1.5,
})
const what = {
  address: 'https://localhost/T/<S>',
  method: 'ping',
  load: { connections: 2, processes: 1, seconds: 3, ramp: 1 },
}
const report = loadReport(
  what,
  [
    second(0, [100], { server: usage(1, 1e8), errors: new Map([['ECONNREFUSED', 2]]) }),
    second(2, [30, 40], { server: usage(2, 2e8) }),
    second(1, [10, 20], { server: usage(1.5, 1.5e8), errors: new Map([['status 503', 1]]) }),
  ],
  4711,
)

describe('the report of a load', () => {
  it('counts the time after the ramp, and tells of every second and every kind of error', () => {
    expect(report.total).toMatchObject({
      seconds: 2,
      calls: 4,
      errors: 1,
      errorKinds: { ECONNREFUSED: 2, 'status 503': 1 },
      callsPerSecond: 2,
      mean: 25,
      max: 40,
    })
    expect(report.server).toEqual({
      pid: 4711,
      cpuPercent: 50,
      cpuPerCall: 250_000,
      memoryAtFirst: 1e8,
      memoryAtLast: 2e8,
    })
    expect(report.seconds.map(({ second, calls }) => [second, calls])).toEqual([
      [0, 1],
      [1, 2],
      [2, 2],
    ])
    expect(reportText(report)).toContain('1; in the whole time ECONNREFUSED 2 times, status 503 1 times')
  })

  it('has a picture of four panels that needs nothing else', () => {
    const svg = loadPicture(report)
    const { root } = parseXml(svg)
    expect(root.children.filter((child) => typeof child === 'object' && child.name.local === 'g').length).toBe(4)
    expect(svg).toContain('T/&lt;S&gt;')
    for (const text of [svg, loadPage(report)]) expect(text).not.toMatch(/NaN|undefined|(?:src|href)=/)
  })

  it('is drawn as well where nothing was answered and no server watched', () => {
    const empty = loadReport(what, [second(0, [])], undefined)
    expect(empty.total).toMatchObject({ calls: 0, mean: null, p99: null, max: null })
    expect(loadPage(empty)).toContain('the server was not watched (--pid)')
    expect(loadPage(empty)).not.toMatch(/NaN|undefined|Infinity/)
  })
})
