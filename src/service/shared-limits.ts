// How much a running instance may share. The SDK refuses what is beyond before it is sent, and the node ends whoever
// sends it all the same.

/** Of a key or of the name of a lease, in UTF-8. */
export const longestKey = 256
/** Of a value as JSON, in UTF-8. */
export const longestValue = 64 * 1024
/** Of one running instance; bytes are those of keys and values. */
export const mostKeys = 10_000
export const mostBytes = 8 * 1024 * 1024
export const mostLeases = 100
/** Milliseconds. A lease shorter than a pause of a busy machine would be lost again and again. */
export const leastLeaseTtl = 1000
export const longestTtl = { value: 100 * 365 * 86_400_000, lease: 86_400_000 } as const
/** Requests of one place that are open at a time; the others wait in its own memory. */
export const openRequests = 32

export const isKey = (text: string): boolean => text !== '' && isPrefix(text)

/** What a key may begin with. */
export const isPrefix = (text: string): boolean =>
  text.length <= longestKey && Buffer.byteLength(text) <= longestKey && !/[\p{Cc}\p{Cs}]/u.test(text)

export const isTtl = (ttl: number, of: 'value' | 'lease'): boolean =>
  Number.isSafeInteger(ttl) && ttl >= (of === 'lease' ? leastLeaseTtl : 1) && ttl <= longestTtl[of]
