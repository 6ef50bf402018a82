import { createHash } from 'node:crypto'
import forge from 'node-forge'

/**
 * The eight hexadecimal digits under which OpenSSL looks a certificate up by this name: `<hash>.0` in a directory of CAs.
 *
 * The first four bytes, little end first, of the SHA-1 digest of the canonical name: its relative names one after the
 * other without the outer header, each text as UTF-8 in lower case with its blanks made single and none at the ends.
 *
 * @see openssl-rehash(1); X509_NAME_hash_ex in OpenSSL 1.0.0 and later
 */
export function subjectHash(name: forge.asn1.Asn1): string {
  const relativeNames = (name.value as forge.asn1.Asn1[]).map((relative) =>
    forge.asn1.toDer(canonical(relative)).bytes(),
  )
  const digest = createHash('sha1').update(relativeNames.join(''), 'latin1').digest()
  return digest.readUInt32LE(0).toString(16).padStart(8, '0')
}

/** The types of text that OpenSSL compares by what they say; values of other types stay as they are. */
const textTypes: ReadonlySet<number> = new Set([
  forge.asn1.Type.UTF8,
  forge.asn1.Type.PRINTABLESTRING,
  forge.asn1.Type.IA5STRING,
])

/** A SET of one or more pairs of an object identifier and a value. */
function canonical(relative: forge.asn1.Asn1): forge.asn1.Asn1 {
  const { asn1 } = forge
  const pairs = (relative.value as forge.asn1.Asn1[]).map((pair) => {
    const [identifier, value] = pair.value as [forge.asn1.Asn1, forge.asn1.Asn1]
    const text = textTypes.has(value.type)
      ? asn1.create(asn1.Class.UNIVERSAL, asn1.Type.UTF8, false, canonicalText(value))
      : value
    return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [identifier, text])
  })
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SET, true, pairs)
}

/** In forge a value is a string of bytes; only ASCII letters change their case. */
const canonicalText = (value: forge.asn1.Asn1): string =>
  (value.value as string)
    .replace(/[ \t\n\v\f\r]+/g, ' ')
    .replace(/^ | $/g, '')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
