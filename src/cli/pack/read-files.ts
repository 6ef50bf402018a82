import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Leftovers of editors and systems, and what is of no use in an archive. */
const leftOut = /^(\..*|.*~|#.*#|node_modules|Thumbs\.db)$/

/** The files below `folder` by their path there, `/` between folders; none when there is no such folder. */
export function filesBelow(folder: string, matching: (path: string) => boolean = () => true): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const file of namesBelow(folder)) {
    const path = relative(folder, file).split(sep).join('/')
    if (matching(path)) files.set(path, readFileSync(file))
  }
  return files
}

function namesBelow(folder: string): string[] {
  let found: ReturnType<typeof entriesOf>
  try {
    found = entriesOf(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return found
    .filter(({ name }) => !leftOut.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? namesBelow(path) : entry.isFile() ? [path] : []
    })
}

const entriesOf = (folder: string) => readdirSync(folder, { withFileTypes: true })
