const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A JSON text as the object that it is; undefined when it is anything else. */
export function asObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Bytes that are UTF-8; undefined for others. */
export function asText(bytes: Uint8Array | undefined): string | undefined {
  try {
    return bytes && utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** Base64url as RFC 7515 has it: no padding, no other character, and no other text for the same bytes. */
export function fromBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}
