import { existsSync } from 'node:fs'
import { namesIn } from './check-home.ts'
import { type Finding, fail, ok, type Patient, warn } from './finding.ts'

/** Whether what should be deployed is there, whole. */
export function checkDeployments({ home, deployed, node }: Patient): Finding[] {
  if (deployed === undefined) return []
  const findings = deployed.flatMap(({ garId, digest }) => {
    const folder = home.deployments(garId, digest)
    if (!existsSync(home.deployments(garId, digest, 'deployment.json'))) {
      return [fail('deployments', `${folder} isn't there, or not whole`, `deploy ${garId} again`)]
    }
    return existsSync(home.archives(digest))
      ? []
      : [
          warn(
            'deployments',
            `the archive of ${garId} isn't in ${home.archives()}`,
            `put it back as ${home.archives(digest)}`,
          ),
        ]
  })
  const known = new Set(deployed.map(({ garId }) => garId))
  const unknown = namesIn(home.deployments()).filter(
    (name) => !name.startsWith('.') && name !== 'node_modules' && !known.has(name),
  )
  if (node === undefined && unknown.length > 0) {
    findings.push(
      warn('deployments', `${unknown.join(', ')}: not deployed, and still there`, 'start the node: it takes them away'),
    )
  }
  return findings.length === 0 ? [ok('deployments', `${deployed.length} deployed, all whole`)] : findings
}
