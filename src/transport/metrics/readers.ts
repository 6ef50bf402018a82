import { BlockList, isIP, isIPv6 } from 'node:net'

/** Addresses, networks such as `10.0.0.0/8`, or `*` for everyone. */
export type Readers = readonly string[]

/** Whether `text` can stand in a list of readers. */
export function isReader(text: string): boolean {
  if (text === '*') return true
  const [address = '', bits, ...rest] = text.split('/')
  if (isIP(address) === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv6(address) ? 128 : 32))
}

/** Says of the address of a connection's other side whether it is one of `readers`. */
export function readersFilter(readers: Readers): (address: string | undefined) => boolean {
  if (readers.includes('*')) return () => true
  const list = new BlockList()
  for (const reader of readers) {
    const [address = '', bits] = reader.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return (address = '') => {
    // A socket of both families shows an IPv4 address so.
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
    return isIP(plain) !== 0 && list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
  }
}
