const passedOn = new Set(['PATH', 'LANG', 'LANGUAGE', 'TZ'])

/**
 * The whole environment of a service: a short allow-list out of the node's own, so that no secret of the node's or its
 * operator's comes with it.
 *
 * `HOME` is the folder where the service keeps its state: what a library writes to the home directory stays with the
 * service, and the operator's files aren't found by their usual names.
 */
export function serviceEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  given: { readonly persistentDirectory: string; readonly certificateAuthorities?: string },
): Record<string, string> {
  const kept = Object.entries(own).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (passedOn.has(entry[0]) || /^LC_/.test(entry[0])),
  )
  return {
    ...Object.fromEntries(kept),
    HOME: given.persistentDirectory,
    ...(given.certificateAuthorities === undefined ? {} : { SSL_CERT_FILE: given.certificateAuthorities }),
  }
}
