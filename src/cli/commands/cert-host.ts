import { join } from 'node:path'
import { days, keyType } from '../cert/options.ts'
import { command } from '../command.ts'

export const certHost = command({
  name: 'cert host',
  summary: 'Make a host certificate, for serving and for calling others.',
  details:
    'Makes `hostcert.pem` and `hostkey.pem`. Clients compare the names, so name every one they use, `localhost` too.',
  arguments: { '<folder>': 'where to put it', '<names...>': 'host names and addresses; the first one names the host' },
  options: {
    '--ca <folder>': 'the CA, as `dhn cert ca` made it',
    '--days <n>': 'how long it lasts (90)',
    '--key-type <type>': '`rsa` (2048 bits, the default: every grid tool reads it) or `ec` (P-256)',
  },
  examples: [
    {
      command: 'dhn cert host . dhn.example.org localhost 127.0.0.1 --ca grid-ca',
      does: 'hostcert.pem and hostkey.pem',
    },
  ],
  async run({ folder, names }, chosen, { output }) {
    const { UsageError } = await import('../errors.ts')
    if (chosen.ca === undefined) throw new UsageError('which CA? name its folder with --ca')
    const { issueHost } = await import('../../security/issue.ts')
    const { forAll, forUs, readCa, writeNew } = await import('../cert/files.ts')
    const life = { at: Date.now(), days: days(chosen.days, 90), keyType: keyType(chosen.keyType) }
    const made = issueHost(await readCa(chosen.ca), { ...life, names })
    const files = [
      { path: join(folder, 'hostcert.pem'), text: made.certificatePem, mode: forAll },
      { path: join(folder, 'hostkey.pem'), text: made.keyPem, mode: forUs },
    ]
    await writeNew(files)
    output.result({ files: files.map(({ path }) => path) }, (result) => result.files.join('\n'))
    return 0
  },
})
