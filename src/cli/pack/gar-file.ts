import { zipSync } from 'fflate'
import { byPath, type Files, theDay } from './tarball.ts'

/**
 * A GAR of `files`: a zip, as GT4's are, so that its own tools can open it; the same bytes wherever and whenever it is made.
 */
export function garFile(files: Files): Uint8Array {
  const sorted = [...files].sort(byPath)
  // Zip has local times: theDay is one in local time, whatever that is here. `os: 0` keeps the file modes of this system out.
  return zipSync(Object.fromEntries(sorted), { mtime: theDay.zip, level: 9, os: 0, attrs: 0 })
}
