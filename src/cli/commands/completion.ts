import { command } from '../command.ts'
import { UsageError } from '../errors.ts'

export const completion = command({
  name: 'completion',
  summary: 'Print what makes a shell complete the words of dhn.',
  details: 'Commands and options are completed, and GAR IDs, running instances and operations of a node that runs.',
  arguments: { '<shell>': '`bash`, `zsh` or `fish`' },
  examples: [
    { command: 'source <(dhn completion bash)', does: 'in ~/.bashrc' },
    { command: 'source <(dhn completion zsh)', does: 'in ~/.zshrc, after compinit' },
    { command: 'dhn completion fish | source', does: 'in ~/.config/fish/config.fish' },
  ],
  async run({ shell }, _, { output }) {
    const { shellScripts } = await import('../completion/shell-scripts.ts')
    const script = Object.hasOwn(shellScripts, shell) ? shellScripts[shell] : undefined
    if (script === undefined)
      throw new UsageError(`${shell} is no shell that can be completed`, 'name bash, zsh or fish')
    output.print(script.trimEnd())
    return 0
  },
})
