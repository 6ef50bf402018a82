import { createServer } from 'node:net'
import { type Finding, fail, ok, type Patient } from './finding.ts'

/** Whether the doors could be opened; a running node has opened them. */
export async function checkPorts({ doors, node }: Patient): Promise<Finding[]> {
  if (doors === undefined) return []
  if (node !== undefined) return [ok('ports', node.addresses.join(', '))]
  const wanted = [
    { option: '--port', port: doors.port, addresses: doors.addresses },
    ...(doors.nosec.enabled ? [{ option: '--nosec-port', ...doors.nosec }] : []),
  ].flatMap(({ option, port, addresses }) =>
    (addresses.length === 0 ? [undefined] : addresses).map((address) => ({ option, port, address })),
  )
  const findings = await Promise.all(wanted.map(tryToListen))
  return findings.some(({ level }) => level !== 'ok')
    ? findings.filter(({ level }) => level !== 'ok')
    : findings.slice(0, 1)
}

interface Wanted {
  readonly option: string
  readonly port: number
  readonly address: string | undefined
}

function tryToListen({ option, port, address }: Wanted): Promise<Finding> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      // A machine without IPv6 has no ::1: the node does without it as well.
      if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return resolve(ok('ports', `${port} is free`))
      const why =
        code === 'EADDRINUSE' ? 'is taken by another program' : code === 'EACCES' ? 'is not for this user' : message
      resolve(fail('ports', `port ${port} ${why}`, `choose another: dhn start ${option} <port>, or in etc/dhn.cfg`))
    })
    server.listen({ port, ...(address === undefined ? {} : { host: address }) }, () =>
      server.close(() => resolve(ok('ports', 'free'))),
    )
  })
}
