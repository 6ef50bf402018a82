import type { CertificateReport, CredentialReport } from '../../security/describe-credential.ts'
import type { Output } from '../output.ts'
import { facts, plain } from '../text.ts'

/** A credential report for people: the verdict, what it rests on, and each certificate from the caller's own up. */
export function reportText(report: CredentialReport, { colors }: Output): string {
  const paint = report.verdict === 'reject' ? colors.red.bold : colors.green.bold
  const { proxy, voms } = report
  const rights = proxy?.norights ? `no rights: ${proxy.norights}` : proxy?.limited ? 'limited' : 'all of the user’s'
  const head = facts([
    ['identity', report.identity === null ? undefined : plain(report.identity)],
    ['proxy', proxy === undefined ? undefined : `${proxy.kind}, ${rights}`],
    ['DIRAC group', report.diracGroup === undefined ? undefined : plain(report.diracGroup)],
    ...(voms?.memberships ?? []).flatMap(({ vo, fqans, generic }) => [
      [`VO ${vo}`, fqans.map(plain).join(' ')] as const,
      ...generic.map(({ name, value }) => [`  ${plain(name)}`, plain(value)] as const),
    ]),
    ['good until', report.notAfter],
    ['refused by', report.check === undefined ? undefined : `the check of ${report.check}`],
    ['because', report.message === undefined ? undefined : plain(report.message)],
  ])
  const warnings = report.warnings.map((warning) => `warning: ${plain(warning)}\n`).join('')
  const certificates = report.certificates.map((one) => `\n${certificateText(one)}`).join('')
  return `${paint(report.verdict)}  ${report.reason}\n${head}${warnings}${certificates}`
}

function certificateText(one: CertificateReport): string {
  const rows = facts([
    ['  subject', one.subject === undefined ? undefined : plain(one.subject)],
    ['  issuer', one.issuer === undefined ? undefined : plain(one.issuer)],
    ['  serial', one.serial],
    ['  life', one.notBefore === undefined ? undefined : `${one.notBefore} to ${one.notAfter}`],
    ['  key', one.key],
    ['  names', one.alternativeNames?.map(plain).join(' ')],
    ['  failed', one.failed === undefined ? undefined : plain(one.failed.reason)],
  ])
  return `${one.role}${one.from === 'trust' ? ' (from the trust directory)' : ''}\n${rows}`
}
