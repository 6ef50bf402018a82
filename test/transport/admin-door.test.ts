import { existsSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ListenRefused, SocketPathTooLong } from '../../src/transport/errors.ts'
import { askSocket, newAdminDoor, openAdmin } from '../support/admin.ts'
import { FakeNode } from '../support/fake-node.ts'
import { temporaryFolder } from '../support/temporary.ts'

const mode = (file: string): string => (statSync(file).mode & 0o777).toString(8)

describe('the admin socket', () => {
  it('can be opened by its owner only', async () => {
    const { socket } = await openAdmin()
    expect([mode(socket), mode(dirname(socket))]).toEqual(['600', '700'])
  })

  it('takes the place of one that was left behind', async () => {
    const folder = temporaryFolder()
    const socket = join(folder, 'admin.sock')
    // A server that is closed takes its socket away; one that is killed leaves it, as this one does.
    const left = createServer().listen({ path: join(folder, 'other.sock') })
    await new Promise((resolve) => left.once('listening', resolve))
    const { linkSync } = await import('node:fs')
    linkSync(join(folder, 'other.sock'), socket)
    await new Promise((resolve) => left.close(resolve))
    expect(existsSync(socket)).toBe(true)
    const door = newAdminDoor(new FakeNode(), { socket, staging: folder })
    await door.start()
    expect((await askSocket(socket, 'get', '/admin/v1/node')).status).toBe(200)
    await door.stop()
    expect(existsSync(socket)).toBe(false)
  })

  it('does not take the place of a file, or have a path that is too long', async () => {
    const folder = temporaryFolder()
    const socket = join(folder, 'admin.sock')
    await writeFile(socket, 'a file')
    await expect(newAdminDoor(new FakeNode(), { socket, staging: folder }).start()).rejects.toThrow(ListenRefused)
    const long = join(folder, 'x'.repeat(100), 'admin.sock')
    await expect(newAdminDoor(new FakeNode(), { socket: long, staging: folder }).start()).rejects.toThrow(
      SocketPathTooLong,
    )
  })

  it('says why it can not be made', async () => {
    const folder = temporaryFolder()
    await mkdir(join(folder, 'admin.sock'))
    const door = newAdminDoor(new FakeNode(), { socket: join(folder, 'admin.sock'), staging: folder })
    await expect(door.start()).rejects.toMatchObject({ code: 'DHN_LISTEN_REFUSED' })
    await door.stop()
  })

  it('is shut twice without harm', async () => {
    const { door } = await openAdmin()
    await Promise.all([door.stop(), door.stop()])
  })
})
