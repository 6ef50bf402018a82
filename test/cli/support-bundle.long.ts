import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { extract } from 'tar'
import { describe, expect, it } from 'vitest'
import { redactText } from '../../src/cli/support/redact.ts'
import { Home } from '../../src/store/home.ts'
import { Store } from '../../src/store/store.ts'
import { commandLine } from '../support/command-line.ts'
import { composeNode } from '../support/composed.ts'
import { initializedHomes } from '../support/home.ts'
import { temporaryFolder } from '../support/temporary.ts'

const newHome = initializedHomes()

/** Fifty secrets, each told apart: what a bundle holds of them is found. */
const secrets = Array.from({ length: 50 }, (_, n) => `S3cr3t${String(n).padStart(2, '0')}zQ${(n * 7919).toString(36)}`)
const unused = [...secrets]
const secret = (): string => unused.shift() as string
const jwt = (): string => `eyJhbGciOiJIUzI1NiJ9.${secret()}.${secret()}`
const pem = (label: string): string =>
  `-----BEGIN ${label}-----\n${secret()}AAAAB3NzaC1yc2E/+\n${secret()}==\n-----END ${label}-----`

/** Two dozen ways in which secrets come into texts. */
const logged = (): string[] => [
  `connecting with password=${secret()} and user=me`,
  `PASSWORD: "${secret()}", retry`,
  `{"apiKey":"${secret()}","count":3}`,
  `{"nested":"{\\"client_secret\\":\\"${secret()}\\"}"}`,
  `GET https://host/path?access_token=${secret()}&page=2`,
  `postgres://admin:${secret()}@db.example.org:5432/x`,
  `redis://:${secret()}@cache`,
  `Authorization: Bearer ${secret()}`,
  `authorization header was Basic ${secret()}`,
  `Cookie: session=${secret()}; theme=dark`,
  `Set-Cookie: sid=${secret()}`,
  `token ${jwt()} was refused`,
  `AWS_SECRET_ACCESS_KEY=${secret()}`,
  `run: tool --db-password ${secret()} --verbose`,
  `DB_PASS='${secret()}'`,
  `passphrase => ${secret()}`,
  `<password>${secret()}</password>`,
  `<parameter name="dbPassword" value="${secret()}"/>`,
  `<property value="${secret()}" name="auth-token"/>`,
  `the key is ghp_${secret()}abcdefghijkl`,
  pem('RSA PRIVATE KEY'),
  pem('ENCRYPTED PRIVATE KEY').replaceAll('\n', '\\n'),
]

function plant(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text, { flag: 'a' })
}

/** The files of a bundle by their path. */
async function unpacked(file: string): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(temporaryFolder(), 'bundle-'))
  const paths: string[] = []
  await extract({ file, cwd: folder, onReadEntry: ({ path }) => void paths.push(path) })
  return Object.fromEntries(
    paths.map((path) => [path.replace('dhn-support/', ''), readFileSync(join(folder, path), 'utf8')]),
  )
}

describe('dhn support-bundle', () => {
  it('of a node that does not run holds everything but the secrets: none of fifty', async () => {
    const home = newHome()
    plant(
      home,
      'etc/dhn.cfg',
      `\nSystems\n{\n  Databases\n  {\n    User = me\n    Password = ${secret()} with blanks\n    Password += ${secret()}\n  }\n}\n`,
    )
    const hnm = 'etc/org_diligentproject_keeperservice_hnm'
    plant(
      home,
      `${hnm}/extra.xml`,
      `<resource><parameter><name>secretKey</name><value>${secret()}</value></parameter></resource>`,
    )
    plant(home, `${hnm}/VOMaps.txt`, `credentials=${secret()}`)
    plant(home, 'etc/grid-security/hostkey.pem', secret())
    plant(home, 'etc/credentials/samples_echo.pem', pem('PRIVATE KEY'))
    plant(home, 'var/state/samples_echo/notes', secret())
    const lines = logged()
    // The end of a log begins in the middle of a key.
    const cut = `${secret()}AAAA\n${secret()}==\n-----END PRIVATE KEY-----\n`
    plant(home, 'var/log/samples_echo.log', `${cut}starts at 5\n${lines.join('\n')}\nends at 6\n`)
    plant(
      home,
      'var/log/node.log',
      `${JSON.stringify({ msg: 'an operation ended', password: secret(), err: { stack: `Error: token=${secret()}` } })}\n`,
    )
    const flight = {
      id: 'f',
      cause: { message: `no login with password "${secret()}"` },
      lastLines: [`api_key: ${secret()}`],
    }
    plant(home, 'var/flight/samples_echo/20270131T120000000Z-f.json', JSON.stringify(flight))
    const store = await Store.open(new Home(home).var('store'))
    const cause = { code: 'DHN_PLACE_ENDED', message: `secret=${secret()}`, facts: { sessionKey: secret() } }
    await store.commit({
      report: { id: 'r1', startedAt: '2027-01-31T12:00:00.000Z', cause, lastLines: [pem('EC PRIVATE KEY')] } as never,
    })
    await store.close()
    for (const rest of unused.splice(0)) plant(home, 'var/log/samples_echo.log', `my_token_value: ${rest}\n`)

    const file = join(temporaryFolder(), 'bundle.tar.gz')
    const { code, stdout, stderr } = await commandLine(['support-bundle', '--out', file], { home })
    expect([code, stdout], stderr).toEqual([0, `${file}\n`])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const files = await unpacked(file)
    expect(Object.keys(files).sort()).toEqual(
      [
        'doctor.json',
        'etc/dhn.cfg',
        `${hnm}/VOMaps.txt`,
        `${hnm}/customDHNlabels.xml`,
        `${hnm}/extra.xml`,
        `${hnm}/jndi-config.xml`,
        'flight/samples_echo/20270131T120000000Z-f.json',
        'logs/node.log',
        'logs/samples_echo.log',
        ...['deployments', 'histories', 'instances', 'node', 'reports', 'stubs'].map((name) => `state/${name}.json`),
        'versions.json',
      ].sort(),
    )
    const whole = Object.values(files).join('\n')
    expect(whole.split('\n').filter((line) => secrets.some((one) => line.includes(one)))).toEqual([])
    expect(secrets.length).toBe(50)
    expect(files['logs/samples_echo.log']).toContain('starts at 5')
    expect(files['logs/samples_echo.log']).toContain('ends at 6')
    expect(files['etc/dhn.cfg']).toContain('User = me')
    expect(JSON.parse(files['state/reports.json'] ?? '')[0]).toMatchObject({
      id: 'r1',
      cause: { code: 'DHN_PLACE_ENDED' },
    })
  })

  it('of a running node holds what the node says, and writes over nothing', async () => {
    const { composed, home } = await composeNode()
    await composed.start()
    const file = join(temporaryFolder(), 'bundle.tar.gz')
    expect((await commandLine(['support-bundle', '--out', file], { home })).code).toBe(0)
    const files = await unpacked(file)
    expect(JSON.parse(files['state/node.json'] ?? '')).toMatchObject({ state: 'running', pid: process.pid })
    expect(files['problems.json']).toBeUndefined()
    expect((await commandLine(['support-bundle', '--out', file], { home })).code).toBe(2)
    expect((await commandLine(['support-bundle'], { home: '/nowhere' })).code).toBe(1)
  })
})

it('redaction leaves what is no secret, and takes no time to speak of for any text', () => {
  const plain = [
    '2027-01-31T12:00:00.268Z INFO  Samples/Counter: starts at 5',
    'POST /Samples/Echo 200 in 3 ms',
    'KeyFile = etc/grid-security/hostkey.pem',
    'digest 3f1c9a77b0de3f1c9a77b0de3f1c9a77b0de3f1c9a77b0de3f1c9a77b0de3f1c',
    'see https://example.org/path for more',
  ]
  for (const line of plain) expect(redactText(line)).toBe(line)
  const hostile = [
    'x'.repeat(400_000),
    'password '.repeat(40_000),
    'A1b/'.repeat(90_000),
    '<name>'.repeat(60_000),
    '-----BEGIN A-----\n'.repeat(2_000),
    'name="'.repeat(60_000),
  ]
  const started = performance.now()
  for (const text of hostile) redactText(text)
  expect(performance.now() - started).toBeLessThan(5_000)
})
