import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { NodeView } from '../../src/container/views.ts'
import { commandLine } from './command-line.ts'
import { dhn, type Ran, root } from './dhn.ts'
import { temporaryFolder } from './temporary.ts'

export interface RunningNode {
  readonly home: string
  readonly view: NodeView
  /** Runs a command at its home. */
  dhn(...words: readonly string[]): Promise<Ran>
  /** Runs a command at its home with `--json` and reads what it printed. */
  json<Value>(...words: readonly string[]): Promise<Value>
  stop(): Promise<Ran>
}

/** A real node on free ports, for the tests of one file; it is gone when they have run. */
export async function runningNode(...options: readonly string[]): Promise<RunningNode> {
  const home = join(temporaryFolder(), 'home')
  const words = ['start', '--detach', '--json', '--port', '0', '--nosec-port', '0', ...options]
  const started = await dhn(words, { home })
  if (started.code !== 0) throw new Error(started.stdout)
  const view = JSON.parse(started.stdout) as NodeView
  const stop = () => dhn(['stop'], { home })
  afterAll(async () => {
    await stop()
  })
  return {
    home,
    view,
    dhn: (...words) => commandLine(words, { home }),
    json: async (...words) => JSON.parse((await commandLine([...words, '--json'], { home })).stdout),
    stop,
  }
}

/** Packs samples and resolves with their service archives. */
export async function packedSamples<Sample extends string>(
  ...samples: readonly Sample[]
): Promise<Record<Sample, string>> {
  const out = temporaryFolder()
  const archives = samples.map(async (sample) => {
    const profile = join(root, 'profiles', `${sample}.xml`)
    const { code, stderr } = await commandLine(['pack', join(root, 'gar', sample), '--profile', profile, '--out', out])
    if (code !== 0) throw new Error(stderr)
    return [sample, join(out, `org_diligentproject_samples_${sample}.tar.gz`)] as const
  })
  return Object.fromEntries(await Promise.all(archives)) as Record<Sample, string>
}
