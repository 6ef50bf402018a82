import { createReadStream } from 'node:fs'
import { mkdir, readdir, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HTTPError, NAL, RequestHandler, S_ERROR, S_OK, type ServiceInfo } from 'dhn/service'

const EINVAL = 22
const ENOENT = 2
const EFBIG = 27

/** Keeps a few files for each user: a DIRAC handler, moved line by line (docs/dirac.md has both). */
export class LockerHandler extends RequestHandler {
  static DEFAULT_AUTHENTICATION = ['SSL']
  static DEFAULT_AUTHORIZATION = ['authenticated']
  static CHECK_ARGUMENTS = true

  static root: string
  static maxBytes: number
  folder = ''

  static async initializeHandler({ serviceName }: ServiceInfo) {
    LockerHandler.root = join(NAL.getPersistentDirectory(), serviceName)
    LockerHandler.maxBytes = LockerHandler.srv_getCSOption('MaxBytes', 1024 * 1024)
    await mkdir(LockerHandler.root, { recursive: true })
  }

  async initializeRequest() {
    this.folder = join(LockerHandler.root, this.getUserName())
    await mkdir(this.folder, { recursive: true })
  }

  async export_listFiles() {
    const files = (await readdir(this.folder)).sort().map(async (name) => {
      const { size, mtime } = await stat(join(this.folder, name))
      return { name, size, changed: mtime }
    })
    return S_OK(await Promise.all(files))
  }

  async export_removeFile(name: string) {
    if (!isName(name)) return S_ERROR(EINVAL, name)
    try {
      await unlink(join(this.folder, name))
    } catch {
      return S_ERROR(ENOENT, name)
    }
    this.log.info(`${this.srv_getFormattedRemoteCredentials()} removed ${name}`)
    return S_OK()
  }

  auth_lockers = ['ServiceAdministrator']
  async export_lockers() {
    return S_OK((await readdir(LockerHandler.root)).sort())
  }

  async export_streamFromClient(name: string, _token: string, _size: number, data: Uint8Array) {
    if (!isName(name)) return S_ERROR(EINVAL, name)
    if (data.length > LockerHandler.maxBytes) return S_ERROR(EFBIG, name)
    await writeFile(join(this.folder, name), data)
    return S_OK()
  }

  async export_streamToClient(name: string, _token = '') {
    const file = join(this.folder, isName(name) ? name : ' ')
    const found = await stat(file).catch(() => undefined)
    if (found === undefined) throw new HTTPError(404, 'No such file')
    return createReadStream(file)
  }
}

/** One that stays inside the folder. */
function isName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z0-9][\w.-]*$/.test(name)
}
