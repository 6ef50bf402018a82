import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { commandLine } from './command-line.ts'
import { dhn, type Ran, root } from './dhn.ts'
import { temporaryFolder } from './temporary.ts'

export interface RunningNode {
  readonly home: string
  /** Runs a command at its home. */
  dhn(...words: readonly string[]): Promise<Ran>
  /** Runs a command at its home with `--json` and reads what it printed. */
  json<Value>(...words: readonly string[]): Promise<Value>
  start(): Promise<Ran>
  stop(): Promise<Ran>
}

/** A real node on free ports, in a process of its own, for the tests of one file: it is gone when they have run. */
export function runningNode(): RunningNode {
  const home = join(temporaryFolder(), 'home')
  const start = () => dhn(['start', '--detach', '--port', '0', '--nosec-port', '0'], { home })
  const stop = () => dhn(['stop'], { home })
  beforeAll(async () => {
    const { code, stderr } = await start()
    if (code !== 0) throw new Error(stderr)
  })
  afterAll(async () => {
    await stop()
  })
  return {
    home,
    start,
    stop,
    dhn: (...words) => commandLine(words, { home }),
    json: async (...words) => JSON.parse((await commandLine([...words, '--json'], { home })).stdout),
  }
}

/** The service archives of samples, packed for the tests of one file. */
export function packedSamples<Sample extends string>(...samples: readonly Sample[]): Readonly<Record<Sample, string>> {
  const out = temporaryFolder()
  beforeAll(async () => {
    for (const sample of samples) {
      const profile = join(root, 'profiles', `${sample}.xml`)
      const { code, stderr } = await commandLine([
        'pack',
        join(root, 'gar', sample),
        '--profile',
        profile,
        '--out',
        out,
      ])
      if (code !== 0) throw new Error(stderr)
    }
  })
  const archives = samples.map((sample) => [sample, join(out, `org_diligentproject_samples_${sample}.tar.gz`)])
  return Object.fromEntries(archives) as Record<Sample, string>
}
