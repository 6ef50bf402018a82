import { basename } from 'node:path'
import { archiveFile } from '../archive-file.ts'
import { command } from '../command.ts'
import type { ArchiveSource } from '../node-client.ts'
import { endOf } from '../operation.ts'
import { outcomeOfPlan } from '../plan-text.ts'

export const deploy = command({
  name: 'deploy',
  summary: 'Deploy a GAR or a service archive and wait until its instance is ready or failed.',
  details:
    'A new version of what is live starts beside it and takes over when it is ready; if it never is, the old one goes on. ' +
    'The last lines printed end with the addresses. An address as archive is fetched by the node, if its configuration allows that.',
  arguments: { '<archive>': 'a `.gar`, a service archive (`.tar.gz`), or the http(s) address of one' },
  options: {
    '--nosec': 'make the open descriptor live (deploy-server.wsdd_NOSEC); else the secure one is',
    '--dry-run': 'say what would change: exit 0 nothing, 1 something, 255 it is not possible',
    '--lenient': 'accept descriptors with a comment before the XML declaration',
  },
  examples: [
    { command: 'dhn deploy org_diligentproject_samples_echo.gar --nosec', does: 'deploy it, open to everyone' },
    { command: 'dhn deploy counter.tar.gz --dry-run', does: 'see stubs, restarts and problems first' },
    { command: 'dhn deploy counter.tar.gz --no-wait --json', does: 'begin, and print the operation to follow' },
  ],
  async run({ archive }, { nosec, dryRun, lenient }, context) {
    const { node, output } = context
    const source = sourceOf(archive)
    const choices = { mode: nosec ? 'open' : 'secure', lenient } as const
    output.working(`sending ${archive}`)
    return dryRun
      ? outcomeOfPlan(await node.planDeploy(source, choices), context)
      : endOf(await node.deploy(source, choices), context)
  },
})

const sourceOf = (archive: string): ArchiveSource =>
  /^https?:\/\//.test(archive) ? { url: archive } : { file: archiveFile(archive), name: basename(archive) }
