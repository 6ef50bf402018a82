import { chmod, copyFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Archive, Gar } from './archive.ts'
import { liveNames } from './descriptor-places.ts'

/** Owner only: descriptors may hold passwords (GT4 gives its live ones the same mode). */
const ownerOnly = 0o600

/**
 * Makes the folders of a deployment in `target`, out of the unpacked GAR and on the same file system: it renames, so an
 * archive is laid out once.
 *
 * | in the GAR | in the deployment |
 * | --- | --- |
 * | `etc/` | `etc/<GAR ID>/`, with the live descriptors and the profile beside the raw files |
 * | `lib/` | `lib/` |
 * | `schema/` | `share/schema/` |
 * | `share/` | `share/<GAR ID>/` |
 * | `docs/` | `docs/<GAR ID>/` |
 */
export async function layOutDeployment(archive: Archive, target: string): Promise<void> {
  const { id, gar } = archive
  const configuration = join(target, 'etc', id)
  await mkdir(target, { recursive: true })
  if (gar !== undefined) {
    await move(join(gar.root, 'etc'), configuration)
    await move(join(gar.root, 'lib'), join(target, 'lib'))
    await move(join(gar.root, 'schema'), join(target, 'share', 'schema'))
    await move(join(gar.root, 'share'), join(target, 'share', id))
    await move(join(gar.root, 'docs'), join(target, 'docs', id))
  }
  await mkdir(configuration, { recursive: true })
  if (gar !== undefined) await writeLive(gar, configuration)
  if (archive.kind === 'service-archive') {
    await copyFile(join(archive.root, 'profile.xml'), join(configuration, 'profile.xml'))
  }
}

/** Moves a folder that may be absent; a file of that name stays where it is. */
async function move(from: string, to: string): Promise<void> {
  const found = await stat(from).catch(() => undefined)
  if (found?.isDirectory() !== true) return
  await mkdir(dirname(to), { recursive: true })
  await rename(from, to)
}

async function writeLive(gar: Gar, configuration: string): Promise<void> {
  const { secure, open } = gar.descriptors
  const live = { secure, open, jndi: gar.jndi }
  for (const [which, name] of Object.entries(liveNames)) {
    const path = join(configuration, name)
    // What the archive has under a live name must not be taken for the live one.
    await rm(path, { recursive: true, force: true })
    const descriptor = live[which as keyof typeof live]
    if (descriptor === undefined) continue
    await writeFile(path, encoded(descriptor.text), { flag: 'wx', mode: ownerOnly })
    await chmod(path, ownerOnly)
  }
}

/** In the encoding that the text says it is in: UTF-16 or UTF-8. */
function encoded(text: string): Buffer {
  const sixteen = /^<\?xml[^>]*\sencoding\s*=\s*["']utf-16/i.test(text)
  return sixteen ? Buffer.from(`\ufeff${text}`, 'utf16le') : Buffer.from(text)
}
