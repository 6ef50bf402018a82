import { statSync } from 'node:fs'

/** Differs when a file was written or replaced since; empty when it isn't there. */
export function fileStamp(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`
}
