import { join } from 'node:path'
import { days, keyType } from '../cert/options.ts'
import { command } from '../command.ts'

export const certCa = command({
  name: 'cert ca',
  summary: 'Make a certificate authority for tests and small sites.',
  details:
    'Makes `ca.pem`, `ca-key.pem` and the folder `certificates`, a trust directory for dhn and grid tools: the CA under both ' +
    'hashes of its name, its signing policy, its namespaces and an empty revocation list that lasts as long as the CA.',
  arguments: { '<folder>': 'where to put it' },
  options: {
    '--name <dn>':
      'its name (/DC=local/DC=dhn/CN=dhn CA); it may sign for names that begin as its own does without the CN',
    '--days <n>': 'how long it lasts (365)',
    '--key-type <type>': '`rsa` (2048 bits, the default: every grid tool reads it) or `ec` (P-256)',
  },
  examples: [
    { command: 'dhn cert ca grid-ca', does: 'a CA in ./grid-ca' },
    { command: "dhn cert ca grid-ca --name '/DC=org/DC=example/CN=Example CA'", does: 'the same with a name' },
  ],
  async run({ folder }, chosen, { output }) {
    const { issueCa, issueCrl, trustFiles } = await import('../../security/issue.ts')
    const { forAll, forUs, writeNew } = await import('../cert/files.ts')
    const life = { at: Date.now(), days: days(chosen.days, 365), keyType: keyType(chosen.keyType) }
    const ca = issueCa({ ...life, name: chosen.name ?? '/DC=local/DC=dhn/CN=dhn CA' })
    const trusted = [...trustFiles(ca, issueCrl(ca, life))]
    const files = [
      { path: join(folder, 'ca.pem'), text: ca.certificatePem, mode: forAll },
      { path: join(folder, 'ca-key.pem'), text: ca.keyPem, mode: forUs },
      ...trusted.map(([name, text]) => ({ path: join(folder, 'certificates', name), text, mode: forAll })),
    ]
    await writeNew(files)
    output.result({ files: files.map(({ path }) => path) }, (made) => made.files.join('\n'))
    return 0
  },
})
