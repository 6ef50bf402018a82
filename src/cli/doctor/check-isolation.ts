import { statSync } from 'node:fs'
import { getuid } from 'node:process'
import { type Finding, ok, type Patient, warn } from './finding.ts'

/** Whether services are kept out of what is the node's own: as root they could do anything on the machine. */
export function checkIsolation({ doors, node }: Patient, ours = getuid): Finding[] {
  if (doors === undefined) return []
  const user = node === undefined ? ours?.() : userOf(node.pid)
  if (user !== 0) return [ok('isolation', 'the node does not run as root')]
  if (doors.hasServiceUser) return [ok('isolation', 'services run as a user of their own')]
  return [
    warn(
      'isolation',
      'the node runs as root, and its services too: they may do anything on this machine',
      'name a user for them in /DHN/Isolation/User, or run the node as another user',
    ),
  ]
}

function userOf(pid: number): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid
}
