import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Something that the measurement of one server needs can't be had here; the message says why and what to do. */
export class CannotHave extends Error {}

/**
 * Brings the files of `source` into `folder` and installs the packages of its package.json, unless exactly those are there.
 *
 * @throws {CannotHave}
 */
export function installPackages(source: string, folder: string, tell: (line: string) => void): void {
  mkdirSync(folder, { recursive: true })
  cpSync(source, folder, { recursive: true })
  const wanted = readFileSync(join(source, 'package.json'), 'utf8')
  const stamp = join(folder, '.installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  tell(`installing the packages of ${folder}`)
  rmSync(stamp, { force: true })
  const done = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--omit=dev', '--loglevel=error'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 600_000,
  })
  if (done.status !== 0) throw new CannotHave(`npm install failed: ${lastLine(done.stderr) || 'no network?'}`)
  writeFileSync(stamp, wanted)
}

/**
 * Installs Debian packages, unless they are there.
 *
 * @throws {CannotHave} this is no Debian, or there is no right to install; the message has the command for who has it
 */
export function installDebian(packages: readonly string[], tell: (line: string) => void): void {
  const missing = packages.filter((name) => debianVersion(name) === undefined)
  if (missing.length === 0) return
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`
  if (spawnSync('which', ['apt-get']).status !== 0) throw new CannotHave(`needs ${missing.join(', ')} of Debian`)
  if (process.getuid?.() !== 0) throw new CannotHave(`needs, once, as root: ${command}`)
  tell(command)
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=120']
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (args: readonly string[]) =>
    spawnSync('apt-get', [...options, ...args], { env: environment, encoding: 'utf8', timeout: 600_000 })
  const install = ['install', '-y', '--no-install-recommends', ...missing]
  if (run(install).status === 0) return
  run(['update'])
  const again = run(install)
  if (again.status !== 0) throw new CannotHave(`${command} failed: ${lastLine(again.stderr)}`)
}

/** Undefined when it isn't installed. */
export function debianVersion(name: string): string | undefined {
  const said = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' }).stdout ?? ''
  return /^Status: .* installed$/m.test(said) ? /^Version: (.+)$/m.exec(said)?.[1] : undefined
}

/** The version of a package that `folder` has in its node_modules. */
export function packageVersion(folder: string, name: string): string {
  return (JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')) as { version: string })
    .version
}

const lastLine = (text: string): string =>
  text
    .trim()
    .split('\n')
    .filter((line) => !line.includes('complete log of this run'))
    .at(-1) ?? ''
