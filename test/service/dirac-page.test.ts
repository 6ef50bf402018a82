import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')

it.each(['gar/locker/src/org/diligentproject/samples/locker/LockerHandler.ts', 'gar/locker/etc/deploy-server.wsdd'])(
  'docs/dirac.md shows %s as it is',
  (path) => {
    const shown = read(path)
      .trim()
      .replace(/^(?=.)/gm, '    ')
    expect(read('docs/dirac.md').includes(shown)).toBe(true)
  },
)
