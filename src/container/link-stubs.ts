import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Home } from '../store/home.ts'
import type { StubsLink } from './stubs.ts'
import { stubsFolder } from './stubs-folder.ts'

/**
 * Makes `node_modules` of a deployment hold exactly these links. Each is replaced by a rename, so that a service that
 * still runs from the same folder never finds a name missing.
 *
 * @throws the folder of the deployment isn't there; it is not made
 */
export async function linkStubs(home: Home, deployment: string, links: readonly StubsLink[]): Promise<void> {
  const modules = join(deployment, 'node_modules')
  await makeFolder(modules)
  for (const link of links) await makeFolder(dirname(join(modules, link.importName)))
  for (const link of links) await linkTo(stubsFolder(home, link), join(modules, link.importName))
  const wanted = new Set(links.map((link) => link.importName))
  for (const name of await importNames(modules)) {
    if (!wanted.has(name)) await rm(join(modules, name), { recursive: true, force: true })
  }
}

/** Makes `node_modules` above all deployments and all stubs hold a link to the dhn that runs, and nothing else. */
export async function linkDhn(home: Home, dhn: string): Promise<void> {
  for (const modules of [home.deployments('node_modules'), home.stubs('node_modules')]) {
    await mkdir(modules, { recursive: true })
    await linkTo(dhn, join(modules, 'dhn'))
    // A node that was killed may have left a link that hadn't its name yet.
    const others = (await readdir(modules)).filter((name) => name !== 'dhn')
    for (const name of others) await rm(join(modules, name), { recursive: true, force: true })
  }
}

async function linkTo(target: string, path: string): Promise<void> {
  if ((await readlink(path).catch(() => undefined)) === target) return
  const made = join(dirname(path), `.${randomUUID()}`)
  await symlink(target, made)
  const found = await lstat(path).catch(() => undefined)
  if (found?.isDirectory()) await rm(path, { recursive: true })
  await rename(made, path)
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path).catch((error: NodeJS.ErrnoException) =>
    error.code === 'EEXIST' ? undefined : Promise.reject(error),
  )
}

/** Names below `node_modules`, those of a scope as `@scope/name`. */
async function importNames(modules: string): Promise<string[]> {
  const names: string[] = []
  for (const name of await readdir(modules)) {
    if (!name.startsWith('@')) names.push(name)
    else for (const inner of await readdir(join(modules, name))) names.push(`${name}/${inner}`)
  }
  return names
}
