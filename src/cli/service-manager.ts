import { spawn } from 'node:child_process'

type Environment = Readonly<Record<string, string | undefined>>

/** Of the time after which systemd takes the process for stuck, this share lies between two signs of life. */
const share = 1 / 3

/**
 * systemd, where it runs this process as a service of the kind `notify`; nothing otherwise.
 *
 * It listens on a unix datagram socket, which Node can't write to: its own `systemd-notify` does, once for each message.
 * That is another process than the service's, so the unit needs `NotifyAccess=all`.
 *
 * @see man sd_notify(3); etc/dhn.service
 */
export class ServiceManager {
  readonly #isThere: boolean
  /** Messages are sent one after another: they mean something by their order. */
  #sent: Promise<void> = Promise.resolve()
  #waiting = 0
  #isMute = false

  constructor(
    private readonly environment: Environment,
    private readonly tell: (message: string) => void,
  ) {
    this.#isThere = (environment.NOTIFY_SOCKET ?? '') !== ''
  }

  /** The doors are open. From now on the event loop of this process gives a sign of life for as long as it turns. */
  ready(status: () => string): void {
    if (!this.#isThere) return
    void this.#send('READY=1', `STATUS=${status()}`)
    const interval = this.#watchdogInterval()
    if (interval === undefined) return
    setInterval(() => {
      // What waits is a sign of life itself.
      if (this.#waiting === 0) void this.#send('WATCHDOG=1', `STATUS=${status()}`)
    }, interval).unref()
  }

  status(status: string): void {
    if (this.#isThere) void this.#send(`STATUS=${status}`)
  }

  /** The process ends by itself, for whatever reason. */
  stopping(): void {
    if (this.#isThere) void this.#send('STOPPING=1', 'STATUS=calls in flight may end')
  }

  /** Undefined where nobody waits for signs of life of this process. */
  #watchdogInterval(): number | undefined {
    const { WATCHDOG_USEC: microseconds, WATCHDOG_PID: pid } = this.environment
    if (!/^[1-9]\d*$/.test(microseconds ?? '') || (pid !== undefined && Number(pid) !== process.pid)) return undefined
    return (Number(microseconds) / 1000) * share
  }

  #send(...variables: readonly string[]): Promise<void> {
    this.#waiting += 1
    this.#sent = this.#sent.then(async () => {
      await this.#run(variables)
      this.#waiting -= 1
    })
    return this.#sent
  }

  /** Resolves when systemd has it, or won't. */
  #run(variables: readonly string[]): Promise<void> {
    const { PATH, NOTIFY_SOCKET } = this.environment
    return new Promise((resolve) => {
      const failed = (why: string): void => {
        if (!this.#isMute) this.tell(`systemd can't be told how the node is: ${why}`)
        this.#isMute = true
        resolve()
      }
      const child = spawn('systemd-notify', variables, { env: { PATH, NOTIFY_SOCKET }, stdio: 'ignore' })
      child.once('error', ({ message }) => failed(message))
      child.once('exit', (code) => (code === 0 ? resolve() : failed(`systemd-notify ended with exit code ${code}`)))
    })
  }
}
