import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Home } from '../../store/home.ts'
import { redactLines, redactText } from './redact.ts'

/** How much of the end of each log, bytes. */
const tail = 256 * 1024
/** Configuration is short: what isn't is cut. */
const longest = 1024 * 1024

/** A text for the bundle, its secrets taken out already. */
export interface BundleFile {
  readonly path: string
  readonly text: string
}

/**
 * The configuration, the ends of the logs and the flight records of a home. Nothing else of it is opened: neither keys and
 * credentials nor what belongs to services.
 */
export async function homeFiles(home: Home): Promise<readonly BundleFile[]> {
  const hnm = 'org_diligentproject_keeperservice_hnm'
  const [configuration, labels, logs, flights] = await Promise.all([
    filesOf(home.etc(), 'etc', ['dhn.cfg']),
    filesOf(home.etc(hnm), `etc/${hnm}`),
    logsOf(home),
    flightsOf(home),
  ])
  return [...configuration, ...labels, ...logs, ...flights]
}

async function filesOf(folder: string, under: string, only?: readonly string[]): Promise<BundleFile[]> {
  const names = only ?? (await filesIn(folder))
  const texts = await Promise.all(names.map((name) => endOf(join(folder, name), longest)))
  return names.flatMap((name, index) => {
    const text = texts[index]
    return text === undefined ? [] : [{ path: `${under}/${name}`, text: redactText(text) }]
  })
}

async function logsOf(home: Home): Promise<BundleFile[]> {
  const files: BundleFile[] = []
  for (const name of await filesIn(home.log())) {
    if (!name.endsWith('.log')) continue
    const text = await endOf(home.log(name), tail)
    if (text !== undefined) files.push({ path: `logs/${name}`, text: redactLines(text) })
  }
  return files
}

async function flightsOf(home: Home): Promise<BundleFile[]> {
  const folders = await readdir(home.var('flight')).catch(() => [])
  const files: BundleFile[] = []
  for (const garId of folders.sort()) {
    for (const name of await filesIn(home.var('flight', garId))) {
      const text = await endOf(home.var('flight', garId, name), longest)
      if (text !== undefined) files.push({ path: `flight/${garId}/${name}`, text: redactLines(text) })
    }
  }
  return files
}

/** Plain files alone: a link may lead to a key. */
const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort()

async function endOf(file: string, most: number): Promise<string | undefined> {
  const handle = await open(file, 'r').catch(() => undefined)
  if (handle === undefined) return undefined
  try {
    const { size } = await handle.stat()
    const bytes = Buffer.alloc(Math.min(size, most))
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, size - bytes.length)
    return bytes.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
