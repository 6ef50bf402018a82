import forge from 'node-forge'
import { describe, expect, it } from 'vitest'
import { subjectHash } from '../../src/security/subject-hash.ts'

const utf8 = forge.asn1.Type.UTF8 as never
const ia5 = forge.asn1.Type.IA5STRING as never

// The hashes are what `openssl x509 -hash` of OpenSSL 3.0 prints for certificates with these subjects.
describe('the hash of a name is what OpenSSL makes of it', () => {
  it.each<[string, string, forge.pki.CertificateField[]]>([
    [
      'capital letters',
      'c41d4032',
      [
        { shortName: 'C', value: 'IT' },
        { shortName: 'O', value: 'INFN CA' },
      ],
    ],
    [
      'blanks',
      'd4dc1c63',
      [
        { shortName: 'O', value: '  Two   blanks\t and a tab ' },
        { shortName: 'CN', value: ' ' },
      ],
    ],
    ['letters beyond ASCII', 'df7a4b64', [{ shortName: 'CN', value: 'Ünïcode ÀÉ', valueTagClass: utf8 }]],
    [
      'an e-mail address',
      '382b952b',
      [
        { shortName: 'CN', value: 'x' },
        { shortName: 'E', value: 'Who@Example.ORG' },
      ],
    ],
    ['domain components', '9acacb47', [{ type: '0.9.2342.19200300.100.1.25', value: 'CERN', valueTagClass: ia5 }]],
    ['no name at all', 'eea339da', []],
  ])('%s', (_, hash, subject) => {
    const certificate = forge.pki.createCertificate()
    certificate.setSubject(subject)
    expect(subjectHash(forge.pki.distinguishedNameToAsn1(certificate.subject))).toBe(hash)
  })
})
