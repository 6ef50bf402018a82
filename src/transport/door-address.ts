import { isIPv6 } from 'node:net'

/** The base address of a door, such as `https://dhn.example.org:8443`. */
export const doorAddress = (scheme: 'https' | 'http', host: string, port: number): string =>
  `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`
