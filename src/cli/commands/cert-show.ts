import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { instant, oneOf } from '../cert/options.ts'
import { command } from '../command.ts'

export const certShow = command({
  name: 'cert show',
  summary: 'Say whom a certificate file stands for, or which certificate fails which check.',
  details:
    'Reads certificates, key and chain out of a PEM file, judges them as a node would a caller, and lists every certificate. ' +
    'Exits with 0 when the chain is accepted (`accept`, `accept-limited`, `accept-norights`) and with 1 when it is not (`reject`).',
  arguments: { '<file>': 'a PEM file: a user or host certificate, or a proxy' },
  options: {
    '--at <time>': 'judge it as of this time (ISO 8601, or seconds since 1970)',
    '--legacy-proxies': 'accept proxies of Globus 2 and of the draft of RFC 3820',
    '--weak': 'accept SHA-1 signatures and keys of 1024 bits',
    '--crls <rule>': 'what a CA without revocation list means: `require` refuses, `if-present` warns',
    '--voms <folder>': 'vomsdir with the `.lsc` files of the VOs whose attributes count',
    '--server <name>': 'judge it as the certificate of a server that is called by this name',
  },
  examples: [
    { command: 'dhn cert show /tmp/x509up_u1000 --trust /etc/grid-security/certificates', does: 'is my proxy good?' },
    {
      command: 'dhn cert show hostcert.pem --server dhn.example.org --json',
      does: 'would clients accept this host certificate?',
    },
  ],
  async run({ file }, chosen, { trust: folder, output }) {
    const at = instant(chosen.at)
    const crls = oneOf('--crls', chosen.crls, ['require', 'if-present'])
    const { readTrustDirectory, readVomsDirectory } = await import('../../security/read-files.ts')
    const { parseCredential } = await import('../../security/credential-file.ts')
    const { describeCredential } = await import('../../security/describe-credential.ts')
    const { CredentialUnreadable } = await import('../../security/errors.ts')
    const { reportText } = await import('../cert/report-text.ts')
    const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      throw new CredentialUnreadable(`${file}: ${cause.code}`, cause)
    })
    const trust = await readTrustDirectory(folder)
    for (const { name, problem } of trust.problems) output.tell(`warning: ${name}: ${problem}`)
    const report = describeCredential(parseCredential(text, { mayBeEmpty: true }), trust, {
      at,
      crls,
      legacyProxies: chosen.legacyProxies,
      weakAlgorithms: chosen.weak,
      ...(chosen.server === undefined ? {} : { purpose: { kind: 'server', hostName: chosen.server } }),
      ...(chosen.voms === undefined
        ? {}
        : { voms: { directory: await readVomsDirectory(chosen.voms), hostNames: [hostname(), 'localhost'] } }),
    })
    output.result(report, (one) => reportText(one, output))
    return report.verdict === 'reject' ? 1 : 0
  },
})
