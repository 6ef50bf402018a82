import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'

/** The certificates of a folder of CAs, and those that everyone trusts. */
export function trustedCertificates(folder: string): readonly string[] {
  const own = namesIn(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .filter((text) => text.includes('-----BEGIN CERTIFICATE-----'))
  return [...own, ...rootCertificates]
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /\.(pem|crt|\d)$/.test(name))
  } catch {
    // A folder that isn't there or isn't ours: an address of another node may be called all the same.
    return []
  }
}
