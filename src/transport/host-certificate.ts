import { type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'
import { fileStamp } from '../cfg/file-stamp.ts'
import { type HostCredentials, readHostCredentials } from './host-credentials.ts'

export interface HostCertificateOptions {
  readonly certificateFile: string
  readonly keyFile: string
  /** There are others now, and they fit each other. */
  changed(credentials: HostCredentials): void
  /** The files have changed and can't be used: the earlier ones stay. Told once for each change. */
  failed(error: unknown): void
}

/** Milliseconds between looks without any sign of a change. */
const interval = 60_000
/** Milliseconds to wait after a sign of a change, for the two files that belong together. */
const settle = 200

/** The host certificate and its key, read anew when their files change; half-written ones leave the earlier in use. */
export class HostCertificate {
  #stamp = ''
  #timer: NodeJS.Timeout | undefined
  #settling: NodeJS.Timeout | undefined
  #watchers: FSWatcher[] = []
  #current: HostCredentials | undefined

  constructor(private readonly options: HostCertificateOptions) {}

  /** What is in use; undefined before `start`. */
  get current(): HostCredentials | undefined {
    return this.#current
  }

  /** @throws {HostCredentialsUnusable} @throws {HostKeyExposed} */
  async start(): Promise<HostCredentials> {
    const { certificateFile, keyFile } = this.options
    this.#stamp = this.#stampNow()
    this.#current = await readHostCredentials(certificateFile, keyFile)
    for (const folder of new Set([dirname(certificateFile), dirname(keyFile)])) this.#watch(folder)
    this.#timer = setInterval(() => void this.refresh(), interval)
    this.#timer.unref()
    return this.#current
  }

  stop(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close()
    clearInterval(this.#timer)
    clearTimeout(this.#settling)
  }

  /** Looks at the files now. Never rejects. */
  async refresh(): Promise<void> {
    const stamp = this.#stampNow()
    if (stamp === this.#stamp) return
    this.#stamp = stamp
    const { certificateFile, keyFile, changed, failed } = this.options
    try {
      const next = await readHostCredentials(certificateFile, keyFile)
      if (this.#current?.cert.equals(next.cert) && this.#current.key.equals(next.key)) return
      this.#current = next
      changed(next)
    } catch (error) {
      failed(error)
    }
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        clearTimeout(this.#settling)
        this.#settling = setTimeout(() => void this.refresh(), settle)
        this.#settling.unref()
      })
      watcher.on('error', () => watcher.close())
      this.#watchers.push(watcher)
    } catch {
      // Without notices the poll alone sees a change.
    }
  }

  #stampNow(): string {
    const { certificateFile, keyFile } = this.options
    return `${fileStamp(certificateFile)} ${fileStamp(keyFile)}`
  }
}
