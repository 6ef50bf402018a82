import { expect, it } from 'vitest'
import { Gatekeeper } from '../../src/container/gatekeeper.ts'
import { RefusalBook, RefusalUnknown } from '../../src/container/refusal-book.ts'
import type { RefusalNote } from '../../src/container/refusals.ts'
import { refusalSteps } from '../../src/security/authorization/decision.ts'
import { refusals } from '../../src/security/reasons.ts'
import { tokenRefusals } from '../../src/security/token/reasons.ts'
import { recordingLog } from '../support/doors.ts'
import { auditFor, authorizationFor } from '../support/gatekeeper.ts'

const place = { kind: 'configuration', where: '/Systems/Samples/Services/Echo/Authorization/echo', line: 3 } as const

const note = (more: Partial<RefusalNote> = {}): RefusalNote => ({
  kind: 'call',
  code: 'DHN_NOT_AUTHORIZED',
  told: 'Unauthorized query',
  what: 'Samples/Echo.echo',
  who: { via: 'https', dn: '/CN=Bob' },
  rule: { text: 'NormalUser', place, step: 'property', reason: 'bob has none of the properties asked for' },
  ...more,
})

it('a refusal is found by its id or a beginning of it, with what to do about it', () => {
  const book = new RefusalBook(auditFor())
  const id = book.noted(note())
  const { next, ...found } = book.find(id.slice(0, 8))
  expect(found).toEqual({ ...note(), id, at: expect.any(String) })
  expect(next).toContain('properties')
  expect(book.noted(note({ id: 'given-to-the-caller' }))).toBe('given-to-the-caller')
  expect(() => book.find('nothing-like-it')).toThrow(RefusalUnknown)
})

it('the last thousand are remembered, and a flood of one kind leaves the others', () => {
  const book = new RefusalBook(auditFor())
  const { rule: _, ...busy } = note({ code: 'DHN_OVERLOADED' })
  const [first] = [book.noted(note())]
  for (let n = 0; n < 5000; n += 1) book.noted(busy)
  expect(book.find(first as string).code).toBe('DHN_NOT_AUTHORIZED')
  expect(book.last(10_000).length).toBe(1001)
  for (let n = 0; n < 5000; n += 1) book.noted(note())
  expect(() => book.find(first as string)).toThrow(RefusalUnknown)
  expect(book.last(10_000).length).toBe(2000)
  for (let n = 0; n < 5000; n += 1) book.noted(note({ kind: 'request' }))
  expect(book.last(10_000).length).toBe(3000)
})

it('there is advice for every step of a rule and every reason of a certificate or a token', () => {
  const book = new RefusalBook(auditFor())
  const told = [
    ...refusalSteps.map((step) => note({ rule: { text: '', place, step, reason: '' } })),
    ...Object.entries(refusals).map(([reason, { check }]) =>
      note({ credential: { certificates: [null], failed: { reason, check } } }),
    ),
    ...Object.keys(tokenRefusals).map((reason) =>
      note({ credential: { certificates: [], failed: { reason, check: 'token' } } }),
    ),
  ]
  for (const one of told) expect(book.find(book.noted(one)).next).toMatch(/^[a-z].{10,}/)
})

it('a secure service that has no rules yet refuses everybody, and says so to the operator', async () => {
  const audit = auditFor()
  const book = new RefusalBook(audit)
  const gatekeeper = new Gatekeeper(authorizationFor(), book, recordingLog())
  const target = { service: 'Samples/Echo', secure: true } as never
  const reply = gatekeeper.admit(target, { method: 'echo', args: '[]' })
  const { request } = reply as { request: string }
  expect(book.find(request)).toMatchObject({
    what: 'Samples/Echo.echo',
    rule: { step: 'no-rule' },
    who: { via: 'http' },
  })
  await audit.close()
  const lines = []
  for await (const line of audit.read({})) lines.push(line)
  expect(lines).toMatchObject([{ kind: 'call', what: 'Samples/Echo.echo', code: 'DHN_UNAUTHENTICATED', request }])
})
