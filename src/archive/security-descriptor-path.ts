/** Where a security descriptor lies that a WSDD names. */
export interface SecurityDescriptorPath {
  /** The path inside the GAR, such as `etc/security.xml`. */
  readonly inArchive: string
  /** The path inside the deployment's folder, such as `etc/<GAR ID>/security.xml`. */
  readonly inDeployment: string
}

/**
 * Finds the file that a WSDD's `securityDescriptor` means, inside the GAR that names it and nowhere else.
 *
 * GT4 looks for an absolute file, then in the class path, then below GLOBUS_LOCATION. Here: `etc/<GAR ID>/…` (what the
 * token `@config.dir@` stands for) is the GAR's own `etc/`; then the class path, which is its `lib/`; then the path as
 * it would lie in the GAR. An absolute path, a URL, and what leads out of the deployment are refused.
 *
 * @param written with its tokens filled
 * @param files every file of the GAR, as paths inside it
 * @returns or why there is none, as the end of a sentence
 */
export function securityDescriptorPath(
  written: string,
  garId: string,
  files: ReadonlySet<string>,
): SecurityDescriptorPath | string {
  const path = written.trim().replace(/^(\.\/)+/, '')
  if (/^(\/|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*:)/.test(path)) return 'it is no path inside the deployment'
  if (/[\\\0]/.test(path)) return 'it holds characters that are in no path here'
  const segments = path.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return 'it has an empty segment, or one that leads elsewhere'
  }
  if (path.includes('@')) return 'it holds a token that nothing fills'
  const own = `etc/${garId}/`
  const candidates = path.startsWith(own) ? [`etc/${path.slice(own.length)}`] : [`lib/${path}`, path]
  const found = candidates.find((candidate) => files.has(candidate))
  if (found === undefined) return `the GAR has no ${candidates.join(' and no ')}`
  return {
    inArchive: found,
    inDeployment: found.startsWith('etc/') ? `${own}${found.slice('etc/'.length)}` : found,
  }
}
