import { endingSoon, expiriesOf, expiryText, renewals, withoutList } from '../../security/expiries.ts'
import { readTrustDirectory } from '../../security/read-files.ts'
import { errorAsData } from '../../service/errors.ts'
import { type Finding, fail, ok, type Patient, warn } from './finding.ts'

/** Whether callers can be judged: what the trust directory holds, and how long it lasts. */
export async function checkTrust({ doors, now }: Patient): Promise<Finding[]> {
  if (doors === undefined) return []
  const { trustDirectory, crls } = doors.callers
  try {
    const trust = await readTrustDirectory(trustDirectory)
    const findings: Finding[] = trust.problems.map(({ name, problem }) =>
      warn('trust', `${name} can't be used: ${problem}`, 'install it anew'),
    )
    for (const expiry of endingSoon(expiriesOf(trust), now))
      findings.push(warn('trust', expiryText(expiry, now), renewals[expiry.what]))
    if (crls === 'require') {
      for (const name of withoutList(trust)) {
        findings.push(
          warn('trust', `${name} has no revocation list: its callers are refused`, renewals['revocation list']),
        )
      }
    }
    return findings.length === 0 ? [ok('trust', `${trust.certificates.length} certificate authorities`)] : findings
  } catch (error) {
    const { message, next } = errorAsData(error)
    return [fail('trust', message, next ?? 'see docs/secure.md')]
  }
}

/** Whether somebody has said who may call each method of what is deployed securely. */
export function checkRules({ node, deployed }: Patient): Finding[] {
  if (node === undefined || deployed === undefined) return []
  const open = deployed.flatMap(({ instance }) => instance?.withoutRule ?? [])
  if (open.length === 0) return [ok('rules', 'every method of a secure service has one')]
  const message = `nobody has written down who may call ${open.join(', ')}`
  return [warn('rules', message, 'add auth_<method> to the class, or an Authorization section: docs/authorization.md')]
}
