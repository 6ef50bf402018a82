import { join } from 'node:path'
import { days, keyType } from '../cert/options.ts'
import { command } from '../command.ts'

export const certUser = command({
  name: 'cert user',
  summary: 'Make a user certificate.',
  details:
    'Makes `usercert.pem` and `userkey.pem`, as grid tools look for them in `~/.globus`. The key has no pass phrase.',
  arguments: { '<folder>': 'where to put it', '<name>': 'the CN below the name of the CA, or a whole name' },
  options: {
    '--ca <folder>': 'the CA, as `dhn cert ca` made it',
    '--email <address>': 'an e-mail address for its subjectAltName',
    '--days <n>': 'how long it lasts (90)',
    '--key-type <type>': '`rsa` (2048 bits, the default: every grid tool reads it) or `ec` (P-256)',
  },
  examples: [{ command: "dhn cert user alice 'Alice Example' --ca grid-ca", does: 'alice/usercert.pem and its key' }],
  async run({ folder, name }, chosen, { output }) {
    const { UsageError } = await import('../errors.ts')
    if (chosen.ca === undefined) throw new UsageError('which CA? name its folder with --ca')
    const { issueUser } = await import('../../security/issue.ts')
    const { forAll, forUs, readCa, writeNew } = await import('../cert/files.ts')
    const life = { at: Date.now(), days: days(chosen.days, 90), keyType: keyType(chosen.keyType) }
    const email = chosen.email === undefined ? {} : { email: chosen.email }
    const made = issueUser(await readCa(chosen.ca), { ...life, name, ...email })
    const files = [
      { path: join(folder, 'usercert.pem'), text: made.certificatePem, mode: forAll },
      { path: join(folder, 'userkey.pem'), text: made.keyPem, mode: forUs },
    ]
    await writeNew(files)
    output.result({ files: files.map(({ path }) => path) }, (result) => result.files.join('\n'))
    return 0
  },
})
