import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Environment variables look like codes and are none. */
const variables = new Set(['DHN_HOME', 'DHN_FAILPOINTS'])

const codesIn = (text: string): string[] => text.match(/\bDHN_[A-Z0-9_]+\b/g) ?? []

it('docs/errors.md lists every code that the source can give, and no other', () => {
  const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    // As a text, or as a key of a table.
    .flatMap((name) => [...readFileSync(join(root, 'src', name), 'utf8').matchAll(/'(DHN_\w+)'|^\s*(DHN_\w+):/gm)])
    .map((found) => (found[1] ?? found[2]) as string)
    .filter((code) => !variables.has(code))
  const listed = readFileSync(join(root, 'docs', 'errors.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `DHN_'))
    .flatMap((line) => codesIn(line).slice(0, 1))
  expect([...new Set(listed)]).toEqual(listed)
  expect([...listed].sort()).toEqual([...new Set(source)].sort())
})
