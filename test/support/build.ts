import { execFileSync } from 'node:child_process'
import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const stamp = join(root, 'dist', '.built')

/** Builds `dist` once before the tests, when a source is newer than the last build. */
export default function build(): void {
  const newest = Math.max(
    ...readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  )
  const built = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (built >= newest) return
  const started = new Date()
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })
  writeFileSync(stamp, '')
  utimesSync(stamp, started, started)
}
