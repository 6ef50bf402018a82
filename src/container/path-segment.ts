import { createHash } from 'node:crypto'

const longest = 200

/**
 * A name that came in an archive, as one segment of a path: different names give different segments, none is `.` or
 * `..`, none holds a slash. A name too long for a file system ends in its digest.
 */
export function pathSegment(name: string): string {
  const encoded = encodeURIComponent(name)
    .replaceAll('*', '%2A')
    .replace(/^\.+/, (dots) => '%2E'.repeat(dots.length))
  if (encoded.length <= longest) return encoded === '' ? '%' : encoded
  return `${encoded.slice(0, longest - 65)}%${createHash('sha256').update(name).digest('hex')}`
}
