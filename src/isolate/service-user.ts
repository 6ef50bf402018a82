import { readFileSync } from 'node:fs'

/** An operating system user that services run as. */
export interface ServiceUser {
  readonly uid: number
  readonly gid: number
}

/** A user of this machine by name or number, or `<uid>:<gid>` for one that isn't in its list; undefined when there is none. */
export function findServiceUser(text: string, list = '/etc/passwd'): ServiceUser | undefined {
  const [, uid, gid] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? []
  if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  const line = linesOf(list)
    .map((one) => one.split(':'))
    .find(([name, , number]) => name === text || number === text)
  return line === undefined ? undefined : { uid: Number(line[2]), gid: Number(line[3]) }
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}
