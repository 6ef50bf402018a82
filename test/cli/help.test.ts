import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { allCommands } from '../../src/cli/commands.ts'
import { parse } from '../../src/cli/parse.ts'
import { dhn, root } from '../support/dhn.ts'

const golden = (name: string): string => join(root, 'test', 'cli', 'golden', `${name}.txt`)

async function helpOf(...words: string[]): Promise<string> {
  const parsed = parse([...words, '--help'], await allCommands(), '0.1.0')
  return parsed.kind === 'text' ? parsed.text : 'no help'
}

describe('help', () => {
  it.each([
    ['dhn', []],
    ['dhn-ri', ['ri']],
    ['dhn-deploy', ['deploy']],
    ['dhn-call', ['call']],
    ['dhn-start', ['start']],
  ])('%s reads as it was written', async (name, words) => {
    await expect(await helpOf(...words)).toMatchFileSnapshot(golden(name))
  })

  it('fits on a terminal of 100 columns, whatever the command', async () => {
    for (const { name } of await allCommands()) {
      const lines = (await helpOf(...name.split(' '))).split('\n')
      expect(Math.max(...lines.map((line) => line.length)), name).toBeLessThanOrEqual(100)
    }
  })

  it('is on standard output with exit code 0 when asked for, on standard error with 2 when it was not', async () => {
    const [asked, bare] = await Promise.all([dhn(['--help']), dhn([])])
    expect(asked).toMatchObject({ code: 0, stderr: '' })
    expect(bare).toMatchObject({ code: 2, stdout: '', stderr: asked.stdout })
  })

  it('does not show what only the completion calls', async () => {
    expect(await helpOf()).not.toContain('__complete')
  })
})

describe('the version', () => {
  it('is that of the package, alone or among other words', async () => {
    const [alone, among] = await Promise.all([dhn(['--version']), dhn(['--json', '--version'])])
    expect(alone).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' })
    expect(among).toEqual(alone)
  })
})
