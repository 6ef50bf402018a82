import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Files that are made for a run. */
export interface Built {
  /** The program of the node. */
  readonly program: string
  /** strike.c as a library. */
  readonly library: string
}

/** The whole program `dhn` in one file: it starts in half the time, and it is started hundreds of times. */
export async function bundleProgram(): Promise<string> {
  // Beside the built one, where it finds its packages and the programs of the processes that it starts.
  const file = join(root, 'dist', `crash-${process.pid}.mjs`)
  await build({
    entryPoints: [join(root, 'src', 'main.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['lmdb'],
    logLevel: 'error',
    banner: { js: "import { createRequire as make } from 'node:module'; const require = make(import.meta.url)" },
  })
  return file
}
