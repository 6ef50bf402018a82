import { expect, it } from 'vitest'
import { ExpiryWarnings } from '../../src/container/expiry-warnings.ts'
import type { Expiry } from '../../src/security/expiries.ts'
import { recordingLog } from '../support/doors.ts'

const day = 24 * 60 * 60 * 1000

it('what ends before long is warned of once a day, until it is renewed', () => {
  const log = recordingLog()
  const list = (at: number): Expiry => ({ what: 'revocation list', name: '/CN=CA', at })
  let expiries = [list(5 * day), { what: 'certificate authority', name: '/CN=CA', at: 100 * day } as const]
  const warnings = new ExpiryWarnings(log, () => expiries)
  for (const now of [0, 3.9, 4.1, 4.2, 5.15, 6.2]) warnings.look(now * day)
  expect(log.lines).toEqual([
    'warn the revocation list of /CN=CA expires 1970-01-06T00:00:00.000Z',
    'error the revocation list of /CN=CA expired 1970-01-06T00:00:00.000Z',
    'error the revocation list of /CN=CA expired 1970-01-06T00:00:00.000Z',
  ])
  expiries = [list(36 * day)]
  warnings.look(7 * day)
  expect(log.lines.length).toBe(3)
})
