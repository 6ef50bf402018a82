import { beforeAll, describe, expect, it } from 'vitest'
import type { CredentialReport, DescribeOptions } from '../../src/security/describe-credential.ts'
import { type GridPki, gridPki, type ManifestRow } from '../support/grid-pki.ts'
import { expectationsOf, judge } from '../support/manifest.ts'

describe('the core manifest', () => {
  let pki: GridPki
  let judged: (row: ManifestRow, options: Partial<DescribeOptions>) => CredentialReport
  beforeAll(async () => {
    pki = await gridPki()
    judged = await judge(pki)
  }, 120_000)

  it('has all its rows', () => {
    expect(pki.rows.length).toBeGreaterThanOrEqual(87)
  })

  it('has verdict and reason right in every row, and accepts nothing wrongly', () => {
    const wrong = pki.rows.flatMap((row) =>
      expectationsOf(row).flatMap(({ options, verdict, reason }) => {
        const report = judged(row, options)
        const right = report.verdict === verdict && report.reason === reason
        return right ? [] : [`${row.file} ${row.trust} ${verdict} ${reason}: ${report.verdict} ${report.reason}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  it('gives the identity of every row that has one, in its form', () => {
    const wrong = pki.rows.flatMap((row) => {
      if (row.identity === '-') return []
      const report = judged(row, { legacyProxies: true })
      if (report.verdict === 'reject') return []
      const identity = row.identity.startsWith('/') ? report.identity : report.identityRfc2253
      return identity === row.identity ? [] : [`${row.file}: ${identity} is not ${row.identity}`]
    })
    expect(wrong).toEqual([])
  })

  it('names the certificate and the check of every refusal', () => {
    const nameless = pki.rows.filter((row) => {
      const report = judged(row, {})
      return report.verdict === 'reject' && (!report.check || !report.certificates.some(({ failed }) => failed))
    })
    expect(nameless.map(({ file }) => file)).toEqual([])
  })

  it('ends a proxy that outlives its user with the user', () => {
    const row = pki.rows.find(({ file }) => file === 'bad/proxy-outlives-user.pem') as ManifestRow
    const report = judged(row, {})
    expect(report.notAfter).toBe(report.certificates.find(({ role }) => role === 'end entity')?.notAfter)
  })

  it('does not take the slash trick for Alice', () => {
    const [alice, trick] = ['users/alice.pem', 'users/slash-trick.pem'].map((file) =>
      judged(pki.rows.find((row) => row.file === file) as ManifestRow, {}),
    )
    expect(alice?.identity).toBe('/DC=test/DC=grid/OU=People/CN=Alice Example')
    expect(trick?.identity).toBe('/DC=test/DC=grid/OU=People\\/CN=Alice Example')
  })
})
