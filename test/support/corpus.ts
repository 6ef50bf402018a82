import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../corpus/gcube/', import.meta.url))

/** The bytes of a file of the gCube corpus. */
export const corpus = (name: string): Buffer => readFileSync(folder + name)

/** The names of its files, sorted. */
export const corpusFiles = readdirSync(folder)
  .filter((name) => name !== 'README.md')
  .sort()
