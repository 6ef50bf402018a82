import { parseCredential } from '../../src/security/credential-file.ts'
import {
  type CredentialReport,
  type DescribeOptions,
  describeCredential,
} from '../../src/security/describe-credential.ts'
import { readTrustDirectory, readVomsDirectory } from '../../src/security/read-files.ts'
import type { TrustStore } from '../../src/security/trust-store.ts'
import type { GridPki, ManifestRow } from './grid-pki.ts'

/** What is expected of a row under some options. */
export interface Expectation {
  readonly options: Partial<DescribeOptions>
  readonly verdict: string
  readonly reason: string
}

/** Rows whose reason is a remark about the sample, not something a validator could say. */
const remarks: Readonly<Record<string, string>> = {
  'other-ca-own-namespace': 'end-entity',
  'must-not-map-to-Alice': 'end-entity',
}

/** A row in the manifest's words; a `policy` row as both its defaults and its switches. */
export function expectationsOf({ verdict, reason }: ManifestRow): readonly Expectation[] {
  const simple = (options: Partial<DescribeOptions>, word: string, why: string): Expectation => ({
    options,
    verdict: word,
    reason: why,
  })
  if (verdict !== 'policy') return [simple({}, verdict, remarks[reason] ?? reason)]
  const [choice, why = ''] = reason.split(':')
  switch (choice) {
    case 'reject-as-client':
    case 'reject-as-tls-client':
      return [simple({}, 'reject', why)]
    case 'reject-as-server':
      return [
        simple({}, 'accept', 'host'),
        simple({ purpose: { kind: 'server', hostName: 'localhost' } }, 'reject', why),
      ]
    case 'reject':
      return why.startsWith('weak')
        ? [simple({}, 'reject', why), simple({ weakAlgorithms: true }, 'accept', 'end-entity')]
        : [simple({}, 'reject', why)]
    case 'accept':
      return [simple({}, 'reject', why), simple({ legacyProxies: true }, 'accept', 'proxy')]
    case 'accept-limited':
      return [simple({}, 'reject', why), simple({ legacyProxies: true }, 'accept-limited', 'limited')]
    case 'accept-or-reject':
    case 'accept-now':
      return [simple({}, 'accept', 'proxy')]
    case 'reject-or-accept-limited':
      return [simple({}, 'reject', why)]
    case 'accept-with-warning-or-reject':
      return [simple({}, 'reject', why), simple({ crls: 'if-present' }, 'accept', 'end-entity')]
    default:
      throw new Error(`the manifest has a policy row that the tests don't know: ${reason}`)
  }
}

/** Judges rows of one PKI, reading each trust directory once. */
export async function judge(
  pki: GridPki,
): Promise<(row: ManifestRow, options: Partial<DescribeOptions>) => CredentialReport> {
  const stores = new Map<string, TrustStore>()
  for (const { trust } of pki.rows) {
    if (!stores.has(trust)) stores.set(trust, await readTrustDirectory(pki.path(trust)))
  }
  const directory = await readVomsDirectory(pki.path('vomsdir'))
  return ({ file, trust }, options) =>
    describeCredential(parseCredential(pki.text(file)), stores.get(trust) as TrustStore, {
      at: pki.madeAt,
      voms: { directory, hostNames: ['localhost'] },
      ...options,
    })
}
