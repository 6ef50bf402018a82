import type { AuditLine, AuditWho } from '../audit/audit-entry.ts'
import { plain } from './text.ts'

/** One entry of the audit log as a line for people. */
export function auditText({
  at,
  outcome,
  who,
  what,
  target,
  from,
  code,
  count,
  since,
  facts,
  request,
}: AuditLine): string {
  const parts = [
    at,
    outcome.padEnd(9),
    whoText(who),
    [what, target].filter(Boolean).join(' '),
    ...Object.entries(facts ?? {}).map(([name, value]) => `${name}=${value}`),
    ...(code === undefined ? [] : [code]),
    ...(count === undefined ? [] : [since === undefined ? `${count} times` : `${count} times more since ${since}`]),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(request === undefined ? [] : [`request ${request}`]),
  ]
  return parts.map(plain).join('  ')
}

export function whoText({ via, uid, dn, claimed, username, group }: AuditWho): string {
  if (via === 'node') return 'the node'
  if (via === 'socket') return uid === undefined ? 'the owner' : `user id ${uid}`
  if (dn === undefined) return claimed === undefined ? 'nobody known' : `who claims to be ${claimed}`
  const known = [username, group].filter(Boolean).join(', ')
  return known === '' ? dn : `${dn} (${known})`
}
