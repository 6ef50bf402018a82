import { describe, expect, it } from 'vitest'
import { allCommands } from '../../src/cli/commands.ts'
import { candidates } from '../../src/cli/completion/candidates.ts'
import { dhn, program, run } from '../support/dhn.ts'
import { fakeAdmin } from '../support/fake-admin.ts'
import { deploymentView, instanceView, report } from '../support/views.ts'

const wordsAfter = async (...words: string[]): Promise<string[]> =>
  (await candidates(words, '/nowhere', await allCommands())).map(({ word }) => word)

describe('the words that a command line can go on with', () => {
  it('are commands first, then those of a family', async () => {
    expect(await wordsAfter('')).toEqual(expect.arrayContaining(['deploy', 'ri', 'stubs', 'completion']))
    expect(await wordsAfter('')).not.toContain('__complete')
    expect(await wordsAfter('de')).toEqual(['deploy'])
    expect(await wordsAfter('ri', '')).toEqual([
      'list',
      'show',
      'profile',
      'enable',
      'disable',
      'restart',
      'logs',
      'flight',
      'lifecycle',
    ])
    expect(await wordsAfter('--json', 'stubs', 'w')).toEqual(['why'])
  })

  it('are the options of the command and of every command, but those given', async () => {
    expect(await wordsAfter('deploy', '--')).toEqual(
      expect.arrayContaining(['--nosec', '--dry-run', '--home', '--help']),
    )
    expect(await wordsAfter('deploy', '--nosec', 'x.gar', '--no')).toEqual(['--node', '--no-wait', '--no-color'])
    expect(await wordsAfter('ri', 'show', '--l')).toEqual(['--lines'])
  })

  it('are files where a file is named, and nothing where a number is', async () => {
    expect(await wordsAfter('deploy', '')).toEqual([':files'])
    expect(await wordsAfter('list', '--home', '')).toEqual([':files'])
    expect(await wordsAfter('start', '--port', '')).toEqual([])
  })

  it('are what the node has: GAR IDs, instances, operations, wherever its home is named', async () => {
    const { home } = await fakeAdmin({
      'GET /deployments': [deploymentView()],
      'GET /instances': [instanceView()],
      'GET /operations': [report()],
    })
    expect(await wordsAfter('--home', home, 'undeploy', 'org_')).toEqual(['org_diligentproject_samples_counter'])
    expect(await wordsAfter('ri', 'show', '--home', home, '')).toEqual(['Samples/Counter'])
    expect(await wordsAfter('report', '--home', home, '')).toEqual(['8f14e45f'])
    expect(await wordsAfter('undeploy', '')).toEqual([])
  })
})

describe('a shell', () => {
  it.each(['bash', 'zsh', 'fish'])('%s gets a script that asks dhn', async (shell) => {
    const { code, stdout } = await dhn(['completion', shell])
    expect(code).toBe(0)
    expect(stdout).toContain('dhn __complete -- ')
  })

  it('bash completes with it', async () => {
    const { stdout: script } = await dhn(['completion', 'bash'])
    const complete = async (...words: string[]): Promise<string> => {
      const typed = ['dhn', ...words].map((word) => `'${word}'`).join(' ')
      const asks = `dhn() { '${process.execPath}' '${program}' "$@"; }
compopt() { :; }
${script}
COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _dhn; printf '%s\\n' "\${COMPREPLY[@]}"`
      return (await run('bash', ['-c', asks])).stdout
    }
    expect(await complete('ri', 'en')).toBe('enable\n')
    expect(await complete('deploy', '--dry')).toBe('--dry-run\n')
    expect(await complete('deploy', '/etc/host')).toContain('/etc/hosts\n')
  })
})
