import { DerMalformed } from './errors.ts'

/** One block of a PEM file: its label and its bytes. */
export interface PemBlock {
  readonly label: string
  readonly der: Buffer
  /** The block as it stood, for keys that are handed on as they are. */
  readonly text: string
}

const block = /-----BEGIN ([A-Z0-9][A-Z0-9 #]{0,60})-----\r?\n([\s\S]*?)-----END \1-----/g

/**
 * The blocks of a PEM text in their order, whatever stands between them. A block that is not base64 inside (the token
 * text that DIRAC appends, an encrypted key with headers) has empty `der`.
 */
export function readPem(text: string): readonly PemBlock[] {
  return [...text.matchAll(block)].map(([whole, label, body]) => ({
    label: label as string,
    der: decodeBase64(body as string),
    text: `${whole}\n`,
  }))
}

function decodeBase64(body: string): Buffer {
  const compact = body.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 !== 0) return Buffer.alloc(0)
  return Buffer.from(compact, 'base64')
}

/** The bytes as a PEM block. */
export function writePem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** The blocks of one label of a file that is PEM, or the file itself when it is DER. */
export function pemOrDer(bytes: Buffer, labels: readonly string[]): readonly Buffer[] {
  if (bytes[0] === 0x30) return [bytes]
  const found = readPem(bytes.toString('latin1')).filter(({ label }) => labels.includes(label))
  for (const { der, label } of found) if (der.length === 0) throw new DerMalformed(`no base64 in ${label}`, 0)
  return found.map(({ der }) => der)
}
