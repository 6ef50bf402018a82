import { describe, expect, it } from 'vitest'
import { XmlRefused } from '../../src/xml/errors.ts'
import { parseXml } from '../../src/xml/parse-xml.ts'
import { hostileXml } from '../support/hostile-xml.ts'

/** CPU time in which the largest of these is refused, ms; the bar of the design is 50, this one leaves room for a slow machine. */
const limit = 400

const prototypes = () =>
  [Object, Array, Map, String, Function].map(({ prototype }) => Reflect.ownKeys(prototype).map(String).join())

describe('hostile XML', () => {
  it('is there in number', () => {
    expect(hostileXml.length).toBeGreaterThanOrEqual(100)
  })

  it.each(hostileXml)('$code: $name', ({ code, input, lenient }) => {
    const before = { prototypes: prototypes(), resources: process.getActiveResourcesInfo() }
    const started = process.cpuUsage()
    let thrown: unknown
    try {
      parseXml(input, { file: 'hostile.xml', lenient })
    } catch (error) {
      thrown = error
    }
    const spent = process.cpuUsage(started).user / 1000
    expect(thrown).toBeInstanceOf(XmlRefused)
    const refusal = thrown as XmlRefused
    expect(refusal.code).toBe(code)
    expect(refusal.message).toMatch(new RegExp(`^hostile\\.xml, line ${refusal.line}: \\S`))
    expect(refusal.message.length).toBeLessThan(1500)
    expect(refusal.next).toMatch(/\S/)
    expect(refusal.column).toBeGreaterThan(0)
    expect(spent).toBeLessThan(limit)
    expect({ prototypes: prototypes(), resources: process.getActiveResourcesInfo() }).toEqual(before)
  })
})
