import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { CredentialReport, DescribeOptions } from '../../src/security/describe-credential.ts'
import { dhn } from '../support/dhn.ts'
import { type GridPki, gridPki, type ManifestRow } from '../support/grid-pki.ts'
import { expectationsOf, judge } from '../support/manifest.ts'
import { temporaryFolder } from '../support/temporary.ts'

describe('the whole manifest, with what the grid tools made', () => {
  let pki: GridPki
  let judged: (row: ManifestRow, options: Partial<DescribeOptions>) => CredentialReport
  beforeAll(async () => {
    pki = await gridPki('grid')
    judged = await judge(pki)
  })

  it('has the rows of VOMS and of Globus', () => {
    expect(pki.rows.length).toBeGreaterThanOrEqual(105)
    expect(pki.rows.filter(({ reason }) => reason.startsWith('voms:')).length).toBeGreaterThanOrEqual(11)
    expect(pki.rows.filter(({ file }) => file.startsWith('globus/')).length).toBeGreaterThanOrEqual(7)
  })

  it('has verdict, reason and identity right in every row', () => {
    const wrong = pki.rows.flatMap((row) =>
      expectationsOf(row).flatMap(({ options, verdict, reason }) => {
        const report = judged(row, options)
        const identity = row.identity.startsWith('/') ? report.identity : report.identityRfc2253
        const named = verdict === 'reject' || row.identity === '-' || identity === row.identity
        const right = report.verdict === verdict && report.reason === reason && named
        return right
          ? []
          : [`${row.file} ${row.trust} ${verdict} ${reason}: ${report.verdict} ${report.reason} ${identity}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  it('gives the generic attribute its value', () => {
    const row = pki.rows.find(({ file }) => file === 'voms/voms-ga.pem') as ManifestRow
    expect(judged(row, {}).voms?.memberships[0]?.generic).toEqual([
      { name: 'dl', value: '/diligent/devsec/DL1', qualifier: 'test.vo' },
    ])
  })
})

describe('credentials of dhn cert', () => {
  const tool = (name: string, words: readonly string[], trust: string): string =>
    execFileSync(name, words, { encoding: 'utf8', env: { ...process.env, X509_CERT_DIR: trust } })

  it.each(['rsa', 'ec'])(
    'are read by grid-proxy-info and, with RSA keys, used by grid-proxy-init: %s',
    async (type) => {
      const folder = temporaryFolder()
      const at = (...names: string[]): string => join(folder, ...names)
      for (const words of [
        ['ca', at('ca'), '--key-type', type],
        ['user', at('user'), 'Alice', '--ca', at('ca'), '--key-type', type],
        [
          'proxy',
          at('proxy'),
          '--cert',
          at('user/usercert.pem'),
          '--key',
          at('user/userkey.pem'),
          '--limited',
          '--key-type',
          type,
        ],
      ]) {
        expect(await dhn(['cert', ...words])).toMatchObject({ code: 0 })
      }
      const trust = at('ca', 'certificates')
      const info = tool('grid-proxy-info', ['-file', at('proxy')], trust)
      expect(info).toContain('type     : RFC 3820 compliant limited proxy')
      expect(info).toContain('identity : /DC=local/DC=dhn/OU=People/CN=Alice')
      // grid-proxy-init makes proxies with RSA keys alone.
      if (type === 'ec') return
      tool(
        'grid-proxy-init',
        [
          '-q',
          '-rfc',
          '-verify',
          '-bits',
          '2048',
          '-cert',
          at('user/usercert.pem'),
          '-key',
          at('user/userkey.pem'),
          '-out',
          at('globus'),
        ],
        trust,
      )
      const shown = await dhn(['cert', 'show', at('globus'), '--trust', trust, '--json'])
      expect(JSON.parse(shown.stdout)).toMatchObject({ verdict: 'accept', reason: 'proxy' })
    },
  )
})
