import { command } from '../command.ts'

export const complete = command({
  name: '__complete',
  hidden: true,
  summary: 'Print the words that a command line can go on with.',
  arguments: { '[words...]': 'the command line so far, after `--`' },
  examples: [{ command: 'dhn __complete -- ri sh', does: 'prints `show`' }],
  async run({ words }, _, { output, home, allCommands }) {
    const { candidates } = await import('../completion/candidates.ts')
    for (const { word, about } of await candidates(words, home, await allCommands())) {
      output.print(about === undefined ? word : `${word}\t${about}`)
    }
    return 0
  },
})
