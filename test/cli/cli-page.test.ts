import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { allCommands } from '../../src/cli/commands.ts'
import { cliPage } from '../support/cli-page.ts'
import { root } from '../support/dhn.ts'

it('docs/cli.md is what the commands say of themselves (vitest -u test/cli/cli-page.test.ts makes it anew)', async () => {
  await expect(`${cliPage(await allCommands())}\n`).toMatchFileSnapshot(join(root, 'docs', 'cli.md'))
})

it('every example is a command line that is understood', async () => {
  const { parse } = await import('../../src/cli/parse.ts')
  const commands = await allCommands()
  for (const { name, examples } of commands) {
    expect(examples.length, name).toBeGreaterThan(0)
    for (const { command } of examples) {
      const line = /dhn (.*?)(\)|$| \|)/.exec(command)?.[1] ?? ''
      const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '')
      expect(parse(words, commands, '0').kind, command).toBe('command')
    }
  }
})

it('the README and the pages name commands that there are', async () => {
  const names = (await allCommands()).map(({ name }) => name)
  const text = readFileSync(join(root, 'README.md'), 'utf8')
  const named = [...text.matchAll(/^\s*\$ dhn ((?:ri |stubs )?[a-z]+)/gm)].map((found) => found[1] as string)
  expect(named.length).toBeGreaterThan(3)
  expect(named.filter((name) => !names.includes(name))).toEqual([])
})
