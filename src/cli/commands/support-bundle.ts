import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { writeFileDurably } from '../../store/durable.ts'
import { command } from '../command.ts'
import { NodeNotRunning, UsageError } from '../errors.ts'
import { count, size } from '../text.ts'

export const supportBundle = command({
  name: 'support-bundle',
  summary: 'Pack what helps others to see what is wrong with a node into one file, with secrets taken out.',
  local: true,
  details:
    'It holds the configuration, what dhn doctor finds, deployments, histories, reports, flight records, the ends of the logs and the versions of everything; it works with and without a running node. Keys and credentials are never read; PEM blocks, tokens and values that have the name of a secret are taken out. Look it over before you give it away.',
  options: { '--out <file>': 'the file to write, a gzipped tar (dhn-support-<time>.tar.gz here)' },
  examples: [
    { command: 'dhn support-bundle', does: 'a file in this folder' },
    { command: 'dhn support-bundle --out /tmp/node-7.tar.gz', does: 'one of that name' },
  ],
  async run(_, { out }, { home, node, output, roof }) {
    if (!existsSync(home)) throw new NodeNotRunning(home, false)
    const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
    const file = resolve(out ?? `dhn-support-${stamp}.tar.gz`)
    if (existsSync(file)) throw new UsageError(`${file} is there already`, 'name another file with --out')
    const [{ collect }, { tarball }] = await Promise.all([
      import('../support/collect.ts'),
      import('../pack/tarball.ts'),
    ])
    output.working(`looking at ${home}`)
    const texts = await collect(home, node, roof)
    const files = new Map([...texts].map(([path, text]) => [`dhn-support/${path}`, Buffer.from(text)]))
    const bytes = tarball(files)
    try {
      await writeFileDurably(file, bytes, 0o600)
    } catch (error) {
      // It may have its name already, and stand in the way of the next try.
      await rm(file, { force: true }).catch(() => undefined)
      throw error
    }
    output.result({ file, bytes: bytes.length, files: [...texts.keys()] }, () => file)
    output.tell(
      `${count(texts.size, 'file')}, ${size(bytes.length)}; look it over before you give it away: tar tzf ${file}`,
    )
    return 0
  },
})
