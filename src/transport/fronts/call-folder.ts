import { mkdir, rm } from 'node:fs/promises'
import { longestCallSocket } from '../../isolate/call-socket.ts'
import { SocketPathTooLong } from '../errors.ts'

/** What a socket's path may have at most, in bytes: 108 with the zero at its end. */
const longestPath = 107

/**
 * Makes the folder for the sockets at which fronts call services. Of an earlier run nothing is left in it, and only the
 * node's user may enter.
 *
 * @throws {SocketPathTooLong}
 */
export async function makeCallFolder(folder: string): Promise<void> {
  if (Buffer.byteLength(folder) + longestCallSocket > longestPath) throw new SocketPathTooLong(folder, longestPath)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
}
