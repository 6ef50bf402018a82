import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { archiveFile } from '../archive-file.ts'
import { command } from '../command.ts'

export const inspect = command({
  name: 'inspect',
  summary: 'Say what is in an archive and what is odd about it, without a node and without running any of it.',
  details:
    'Exits with 0 when the archive could be read, whatever was found, and with 1 when it is refused. Problems of level `error` ' +
    'mean that a node would not deploy it: `--dry-run` of deploy is the command that answers with its exit code.',
  arguments: { '<archive>': 'a `.gar` or a service archive (`.tar.gz`)' },
  options: { '--lenient': 'accept descriptors with a comment before the XML declaration' },
  examples: [
    {
      command: 'dhn inspect org_diligentproject_samples_counter.tar.gz',
      does: 'services, classes, JNDI, packages, problems',
    },
    {
      command: 'dhn inspect old-globus-service.gar --json',
      does: 'the same for a program; Java services can be read as well',
    },
  ],
  async run({ archive }, { lenient }, { output }) {
    const file = archiveFile(archive)
    const { readArchiveHere } = await import('../../archive/read-archive-here.ts')
    const { describeArchive } = await import('../../archive/describe-archive.ts')
    const { descriptionText } = await import('../description-text.ts')
    const folder = await mkdtemp(join(tmpdir(), 'dhn-inspect-'))
    try {
      const read = await readArchiveHere(file, { name: basename(file), staging: join(folder, 'unpacked'), lenient })
      output.result(describeArchive(read), descriptionText)
      return 0
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
})
