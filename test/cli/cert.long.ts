import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dhn } from '../support/dhn.ts'
import { gridPki } from '../support/grid-pki.ts'
import { temporaryFolder } from '../support/temporary.ts'

const openssl = (...words: string[]): string => execFileSync('openssl', words, { encoding: 'utf8' })
const mode = (file: string): number => statSync(file).mode & 0o777

describe('dhn cert', () => {
  it.each(['ec', 'rsa'])(
    'makes what OpenSSL verifies and itself accepts, with %s keys',
    async (type) => {
      const folder = temporaryFolder()
      const at = (...names: string[]): string => join(folder, ...names)
      const ok = async (...words: string[]): Promise<string> => {
        const { code, stdout, stderr } = await dhn(['cert', ...words])
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
        return stdout
      }
      const ca = ['--ca', at('ca'), '--key-type', type]
      await ok('ca', at('ca'), '--name', '/DC=org/DC=example/CN=Example CA', '--key-type', type)
      await Promise.all([
        ok('host', at('host'), 'localhost', 'dhn.example.org', '127.0.0.1', '::1', ...ca),
        ok('user', at('user'), 'Alice Example', '--email', 'alice@example.org', ...ca),
      ])
      const [cert, key] = [at('user', 'usercert.pem'), at('user', 'userkey.pem')]
      await ok('proxy', at('x509up'), '--cert', cert, '--key', key, '--group', 'dirac_user', '--key-type', type)
      await ok('proxy', at('limited'), '--cert', at('x509up'), '--limited', '--key-type', type)

      const trust = at('ca', 'certificates')
      openssl('verify', '-x509_strict', '-crl_check_all', '-purpose', 'sslclient', '-CApath', trust, cert)
      const server = ['-purpose', 'sslserver', '-verify_hostname', 'dhn.example.org']
      openssl('verify', '-x509_strict', '-crl_check_all', ...server, '-CApath', trust, at('host', 'hostcert.pem'))
      openssl('verify', '-allow_proxy_certs', '-CApath', trust, '-untrusted', at('limited'), at('limited'))
      expect([key, at('host', 'hostkey.pem'), at('ca', 'ca-key.pem'), at('x509up')].map(mode)).toEqual(
        new Array(4).fill(0o600),
      )

      const shown = JSON.parse(await ok('show', at('limited'), '--trust', trust, '--json'))
      expect(shown).toMatchObject({
        verdict: 'accept-limited',
        reason: 'limited',
        identity: '/DC=org/DC=example/OU=People/CN=Alice Example',
        identityRfc2253: 'CN=Alice Example,OU=People,DC=example,DC=org',
        diracGroup: 'dirac_user',
        certificates: [
          { role: 'proxy' },
          { role: 'proxy' },
          { role: 'end entity' },
          { role: 'trust anchor', from: 'trust' },
        ],
      })
      const host = at('host', 'hostcert.pem')
      expect(await ok('show', host, '--trust', trust, '--server', '127.0.0.1')).toMatch(/^accept {2}host\n/)
      const other = await dhn(['cert', 'show', host, '--trust', trust, '--server', 'evil.org', '--json'])
      expect(other.code).toBe(1)
      expect(JSON.parse(other.stdout)).toMatchObject({ verdict: 'reject', reason: 'name-mismatch' })
    },
    60_000,
  )

  it('never overwrites a key, and makes no full proxy of a limited one', async () => {
    const folder = temporaryFolder()
    const ca = join(folder, 'ca')
    expect((await dhn(['cert', 'ca', ca])).code).toBe(0)
    const before = readFileSync(join(ca, 'ca-key.pem'), 'utf8')
    expect((await dhn(['cert', 'ca', ca])).stderr).toContain('code: DHN_CREDENTIAL_FILE_EXISTS')
    expect(readFileSync(join(ca, 'ca-key.pem'), 'utf8')).toBe(before)
    expect((await dhn(['cert', 'user', folder, 'Alice', '--ca', ca])).code).toBe(0)
    const [cert, key, proxy] = ['usercert.pem', 'userkey.pem', 'proxy.pem'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    expect((await dhn(['cert', 'proxy', proxy, '--cert', cert, '--key', key, '--limited'])).code).toBe(0)
    const full = await dhn(['cert', 'proxy', join(folder, 'full.pem'), '--cert', proxy])
    expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining('code: DHN_CERTIFICATE_NOT_MADE') })
    const wrongKey = await dhn(['cert', 'proxy', proxy, '--cert', cert, '--key', join(ca, 'ca-key.pem')])
    expect(wrongKey.stderr).toContain('code: DHN_CREDENTIAL_KEY_MISMATCH')
  })

  it('shows a verdict in the words of the manifest, now or at another time', async () => {
    const pki = await gridPki()
    const show = async (file: string, ...words: string[]) => {
      const { code, stdout } = await dhn([
        'cert',
        'show',
        pki.path(file),
        '--trust',
        pki.path('certificates'),
        '--json',
        ...words,
      ])
      const { verdict, reason } = JSON.parse(stdout)
      return `${code} ${verdict} ${reason}`
    }
    expect(await show('proxies/rfc-full.pem')).toBe('0 accept proxy')
    expect(await show('proxies/rfc-full.pem', '--at', '2001-01-01T00:00:00Z')).toBe('1 reject not-yet-valid')
    expect(await show('proxies/legacy-limited.pem')).toBe('1 reject legacy-off-by-default')
    expect(await show('proxies/legacy-limited.pem', '--legacy-proxies')).toBe('0 accept-limited limited')
    expect(await show('bad/user-sha1.pem')).toBe('1 reject weak-digest')
    expect(await show('bad/user-sha1.pem', '--weak')).toBe('0 accept end-entity')
    expect(await show('bad/proxy-key-mismatch.pem')).toBe('1 reject key-mismatch')
    expect(await show('manifest.tsv')).toBe('1 reject no-certificate')
  }, 120_000)

  it('says for people which certificate failed which check', async () => {
    const pki = await gridPki()
    const { stdout } = await dhn([
      'cert',
      'show',
      pki.path('bad/proxy-of-revoked.pem'),
      '--trust',
      pki.path('certificates'),
    ])
    expect(stdout).toMatch(
      /^reject {2}revoked-issuer\nrefused by +the check of revocation\nbecause +\S+\/CN=Revoked User \(issuer/,
    )
    expect(stdout).toMatch(/end entity\n {2}subject .*CN=Revoked User\n(?: .*\n)+? {2}failed +revoked-issuer\n/)
  }, 120_000)
})
