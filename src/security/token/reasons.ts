/**
 * Every reason for which a token is refused. The words are a contract with logs, tests and operators; docs/secure.md lists
 * them. `told`: the caller may know it too, as it is about his token and not about what is trusted here.
 */
export const tokenRefusals = {
  'not-over-tls': { text: 'a token came without TLS: it is nobody’s secret any more', told: true },
  'not-one-header': { text: 'there is more than one Authorization header', told: true },
  'not-bearer': { text: 'the Authorization header holds no bearer token', told: true },
  'too-long': { text: 'it is longer than 8192 characters', told: true },
  malformed: { text: 'it is no signed JSON Web Token', told: true },
  'critical-header': { text: 'its header asks for an extension that is not known', told: true },
  'unknown-type': { text: 'it is a token of another type', told: true },
  'unknown-algorithm': { text: 'its algorithm is not taken', told: true },
  'issuer-unknown': { text: 'its issuer is none of /Resources/IdProviders', told: false },
  'key-unknown': { text: 'its issuer has no such key, as far as is known here', told: false },
  'key-ambiguous': { text: 'it does not say which of its issuer’s keys signed it', told: false },
  'bad-signature': { text: 'its signature is wrong', told: true },
  'claims-malformed': { text: 'a claim is missing, or not what it should be', told: true },
  'bound-to-key': { text: 'it may only be shown by who has a key, which is not asked for here', told: true },
  expired: { text: 'it has expired', told: true },
  'not-yet-valid': { text: 'it is not valid yet', told: true },
  'wrong-audience': { text: 'it is for another service', told: true },
  'subject-unusable': { text: 'its subject can not stand in a name', told: true },
  'group-reserved': { text: 'it asks for the group of hosts', told: true },
} as const satisfies Record<string, { readonly text: string; readonly told: boolean }>

export type TokenReason = keyof typeof tokenRefusals
