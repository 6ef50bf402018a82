import { readdirSync, type Stats, statSync } from 'node:fs'
import { getuid } from 'node:process'
import { type Finding, fail, ok, type Patient, warn } from './finding.ts'

/** The longest path that a unix socket can have on Linux, bytes. */
const longestSocketPath = 107

export function checkHome({ home }: Patient): Finding[] {
  const folder = statSync(home.root)
  const findings: Finding[] = []
  if (getuid !== undefined && folder.uid !== getuid()) {
    findings.push(
      fail(
        'home',
        `${home.root} belongs to user id ${folder.uid}`,
        'run dhn as that user, or give the folder to this one',
      ),
    )
  }
  for (const [path, most] of [
    [home.root, 0o755],
    [home.run(), 0o700],
    [home.etc('credentials'), 0o700],
    [home.etc('grid-security', 'hostkey.pem'), 0o600],
  ] as const) {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found !== undefined && othersMay(found, most)) {
      findings.push(
        warn('home', `${path} has mode ${octal(found)}`, `take rights away: chmod ${most.toString(8)} ${path}`),
      )
    }
  }
  const length = Buffer.byteLength(home.adminSocket)
  if (length > longestSocketPath) {
    findings.push(
      fail(
        'home',
        `${home.adminSocket} has ${length} bytes, a socket may have ${longestSocketPath}`,
        'use a home with a shorter path',
      ),
    )
  }
  return findings.length === 0 ? [ok('home', home.root)] : findings
}

const othersMay = ({ mode }: Stats, most: number): boolean => (mode & 0o777 & ~most & 0o077) !== 0
const octal = ({ mode }: Stats): string => (mode & 0o777).toString(8)

/** What a deploy that was cut short left; a start takes it away. */
export function checkStaging({ home, node }: Patient): Finding[] {
  const left = namesIn(home.staging())
  if (left.length === 0 || node !== undefined)
    return [ok('staging', node === undefined ? 'empty' : 'in the hands of the node')]
  return [warn('staging', `${left.length} half-made in ${home.staging()}`, 'start the node: it takes them away')]
}

export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
