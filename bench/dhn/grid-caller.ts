import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CallerCredentials } from '../harness/server.ts'
import { program } from './node-under-test.ts'

/**
 * Makes a CA, a user and a proxy of the user in `folder`, as `dhn cert` makes them with keys of RSA, and lets the home
 * trust them.
 *
 * @returns what a caller shows, proxy and user certificate, who trusts the home's own host certificate
 */
export function makeGridCaller(folder: string, home: string): CallerCredentials {
  const [ca, user, proxy] = ['grid-ca', 'user', 'proxy.pem'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const dhn = (...args: readonly string[]): void => {
    execFileSync(process.execPath, [program, 'cert', ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  dhn('ca', ca)
  dhn('user', user, 'Bench Caller', '--ca', ca)
  dhn('proxy', proxy, '--cert', join(user, 'usercert.pem'), '--key', join(user, 'userkey.pem'))
  const trust = join(home, 'etc', 'grid-security', 'certificates')
  const own = readdirSync(trust).filter((name) => name.endsWith('.0'))
  const hostCa = own.map((name) => readFileSync(join(trust, name), 'utf8')).join('\n')
  cpSync(join(ca, 'certificates'), trust, { recursive: true })
  const text = readFileSync(proxy, 'utf8')
  return { ca: hostCa, cert: text, key: text }
}
