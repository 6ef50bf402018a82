import { constants, type FSWatcher, watch } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The credentials that lie ready for one GAR. */
export interface FoundCredentials {
  /** For a service with a SimpleCredentialsListener: the PEM text of `<GAR ID>.pem`. */
  readonly simple: string | undefined
  /** For a service with a MultipleCredentialsListener: PEM texts of `<GAR ID>/<encoded scope>.pem` by scope. */
  readonly scoped: ReadonlyMap<string, string>
  /** Files that were passed over, each with why. */
  readonly refused: readonly string[]
}

/**
 * Credentials that the operator puts into `etc/credentials/`, until a service renews them.
 *
 * A file that anyone but its owner can read or write is refused, as a key is in it.
 */
export class CredentialFiles {
  constructor(private readonly directory: string) {}

  async read(garId: string): Promise<FoundCredentials> {
    const refused: string[] = []
    const read = async (file: string): Promise<string | undefined> => {
      const found = await readPrivately(join(this.directory, file))
      if (found.refused !== undefined) refused.push(`${file} ${found.refused}`)
      return found.text
    }
    const simple = await read(`${garId}.pem`)
    const scoped = new Map<string, string>()
    const names = await readdir(join(this.directory, garId)).catch(() => [])
    for (const name of names.filter((each) => each.endsWith('.pem')).sort()) {
      const text = await read(join(garId, name))
      const scope = decoded(name.slice(0, -'.pem'.length))
      if (text !== undefined && scope !== undefined) scoped.set(scope, text)
    }
    return { simple, scoped, refused }
  }

  /** Calls back whenever the files of this GAR may have changed; returns how to end it. */
  watch(garId: string, changed: () => void): () => void {
    let inside: FSWatcher | undefined
    const watchInside = (): void => {
      inside?.close()
      inside = watching(join(this.directory, garId), changed)
    }
    const outside = watching(this.directory, (name) => {
      if (name === garId) watchInside()
      if (name === garId || name === `${garId}.pem`) changed()
    })
    watchInside()
    return () => {
      outside?.close()
      inside?.close()
    }
  }
}

/** Nothing to watch is no error: the folder above tells when it comes. */
function watching(directory: string, changed: (name: string | null) => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, (_, name) => changed(name))
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return undefined
  }
}

async function readPrivately(file: string): Promise<{ readonly text?: string; readonly refused?: string }> {
  let handle: Awaited<ReturnType<typeof open>>
  try {
    // A link could lead to a file that was checked as another.
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return {}
    return { refused: code === 'ELOOP' ? 'is a symbolic link' : `can't be read (${code})` }
  }
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) return { refused: 'is not a file' }
    if ((stat.mode & 0o077) !== 0) return { refused: 'is open to others than its owner: chmod 600 it' }
    const uid = process.getuid?.()
    if (uid !== undefined && stat.uid !== uid && stat.uid !== 0) return { refused: 'belongs to another user' }
    return { text: await handle.readFile('utf8') }
  } finally {
    await handle.close()
  }
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name)
  } catch {
    return undefined
  }
}
