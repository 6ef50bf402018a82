import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { Home } from '../../store/home.ts'

/** The certificates that a node trusts, from its home, and those that everyone does. */
export function trustedCertificates(home: Home): readonly string[] {
  const folder = home.etc('grid-security', 'certificates')
  const own = namesIn(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .filter((text) => text.includes('-----BEGIN CERTIFICATE-----'))
  return [...own, ...rootCertificates]
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /\.(pem|crt|\d)$/.test(name))
  } catch {
    // A home that isn't there or isn't ours: an address of another node may be called all the same.
    return []
  }
}
