import { keyType } from '../cert/options.ts'
import { command } from '../command.ts'
import { wholeNumber } from '../numbers.ts'

export const certProxy = command({
  name: 'cert proxy',
  summary: 'Make a proxy certificate (RFC 3820) of the user or host certificate, or proxy, given with --cert.',
  details: 'The file holds the proxy, its key and the chain, for you alone; what was there before is replaced.',
  arguments: { '<file>': 'where to put it' },
  options: {
    '--hours <n>': 'how long it lasts (12), never longer than what it is made of',
    '--limited': 'a limited proxy: it may call, but start no code',
    '--independent': 'a proxy that inherits none of your rights',
    '--path-length <n>': 'how many proxies may be made of it',
    '--group <name>': 'the DIRAC group it acts in',
    '--key-type <type>': '`rsa` (2048 bits, the default: every grid tool reads it) or `ec` (P-256)',
  },
  examples: [
    {
      command: 'dhn cert proxy /tmp/x509up_u1000 --cert usercert.pem --key userkey.pem',
      does: 'a proxy for 12 hours, where grid tools look for it',
    },
    {
      command: 'dhn cert proxy limited.pem --cert /tmp/x509up_u1000 --limited --group dirac_user',
      does: 'a limited proxy of a proxy',
    },
  ],
  async run({ file }, chosen, { output, credential: { cert, key } }) {
    const { UsageError } = await import('../errors.ts')
    if (cert === undefined) throw new UsageError('a proxy of what? name a certificate with --cert')
    const { issueProxy } = await import('../../security/issue.ts')
    const { oneLine } = await import('../../security/name-text.ts')
    const { readPair, replacePrivate } = await import('../cert/files.ts')
    const pathLength = wholeNumber('--path-length', chosen.pathLength, { from: 0, to: 100 })
    const proxy = issueProxy(await readPair(cert, key), {
      at: Date.now(),
      hours: wholeNumber('--hours', chosen.hours, { from: 1, to: 24 * 365 }) ?? 12,
      keyType: keyType(chosen.keyType),
      limited: chosen.limited,
      independent: chosen.independent,
      ...(pathLength === undefined ? {} : { pathLength }),
      ...(chosen.group === undefined ? {} : { group: chosen.group }),
    })
    await replacePrivate(file, proxy.text)
    const { subject, notAfter } = proxy.certificate
    const result = { file, subject: oneLine(subject), notAfter: new Date(notAfter).toISOString() }
    output.result(result, (made) => `${made.file}  ${made.subject}  until ${made.notAfter}`)
    return 0
  },
})
