import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const script = fileURLToPath(new URL('make-grid-pki.sh', import.meta.url))

/** One row of the manifest: what a correct validator says of a file under a trust directory. */
export interface ManifestRow {
  readonly file: string
  readonly trust: string
  readonly verdict: string
  readonly reason: string
  readonly identity: string
}

export interface GridPki {
  /** When it was made, ms since 1970: one of its certificates lives for half an hour only, so judge it as of then. */
  readonly madeAt: number
  readonly directory: string
  readonly rows: readonly ManifestRow[]
  path(...parts: string[]): string
  text(file: string): string
}

/** All that the core set needs: with nothing else in the PATH the set is the same on every machine. */
const coreTools =
  'awk bash basename cat chmod cp cut date dd dirname env find grep head ln ls mkdir mktemp mv od openssl'
    .concat(' printf rm sed sh sleep tail tr wc')
    .split(' ')

/**
 * The throw-away PKI of make-grid-pki.sh, made once and kept in `dist` for as long as its proxies live. `core` needs
 * OpenSSL and the core utilities; `grid` is what the grid tools of the machine add.
 */
export async function gridPki(set: 'core' | 'grid' = 'core'): Promise<GridPki> {
  const folder = join(root, 'dist', 'test-pki')
  const directory = join(folder, set)
  mkdirSync(folder, { recursive: true })
  const release = await onlyOne(join(folder, `${set}.lock`))
  try {
    const PATH = set === 'core' ? coreTooling(join(folder, 'bin')) : (process.env.PATH ?? '')
    await promisify(execFile)('bash', [script, directory], { env: { ...process.env, PATH } })
  } finally {
    release()
  }
  const text = (file: string): string => readFileSync(join(directory, file), 'utf8')
  const rows = text('manifest.tsv')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): ManifestRow => {
      const [file = '', trust = '', verdict = '', reason = '', identity = ''] = line.split('\t')
      return { file, trust, verdict, reason, identity }
    })
  const madeAt = statSync(join(directory, '.complete')).mtimeMs
  return { madeAt, directory, rows, text, path: (...parts) => join(directory, ...parts) }
}

function coreTooling(bin: string): string {
  mkdirSync(bin, { recursive: true })
  const folders = (process.env.PATH ?? '').split(delimiter)
  for (const tool of coreTools) {
    const link = join(bin, tool)
    const found = folders.map((folder) => join(folder, tool)).find((file) => existsSync(file))
    if (found === undefined) throw new Error(`make-grid-pki.sh needs ${tool}`)
    if (!existsSync(link)) symlinkSync(found, link)
  }
  return bin
}

/** Test files run beside each other; one of them makes the set, the others find it made. */
async function onlyOne(lock: string): Promise<() => void> {
  for (;;) {
    try {
      mkdirSync(lock)
      return () => rmdirSync(lock)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    }
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    // Whoever made a lock this old has been killed.
    if (Date.now() - since > 120_000) rmdirSync(lock)
    await pause(100)
  }
}
