import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../support/dhn.ts'

/** What is loaded with a file: its own imports and theirs, not those made later with `import()` or for types alone. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type\b)(?:[\w$*\s{},]*?from )?'([^']+)'/gm)
  for (const [, specifier = ''] of imports) {
    if (specifier.startsWith('.')) loadedWith(normalize(join(dirname(file), specifier)), seen)
    else seen.add(specifier)
  }
  return seen
}

const source = (...names: string[]) => join(root, 'src', ...names)
const packagesOf = (loaded: Set<string>) =>
  [...loaded].filter((name) => !name.startsWith('/') && !name.startsWith('node:'))

it('dhn --version loads one file and no package', () => {
  expect([...loadedWith(source('main.ts'))].filter((name) => !name.startsWith('node:'))).toEqual([source('main.ts')])
})

it.each(['list', 'status', 'deploy', 'ri-show', 'call', 'pack', 'inspect', 'doctor', 'start', 'new'])(
  'dhn %s loads little before it knows that it is to run',
  (command) => {
    const loaded = loadedWith(source('cli', 'commands', `${command}.ts`), loadedWith(source('cli', 'command-line.ts')))
    expect(packagesOf(loaded).sort()).toEqual(['ansis', 'commander'])
    expect(loaded.size).toBeLessThan(40)
  },
)
