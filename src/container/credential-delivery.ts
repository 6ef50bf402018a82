import type { Place, Registration } from '../isolate/place.ts'
import type { CredentialFiles } from './credentials.ts'

/**
 * Hands the operator's credentials to the listener of one service: those that are there, and each new one as it comes,
 * until it is closed.
 */
export class CredentialDelivery {
  readonly #delivered = new Map<string, string>()
  #close = (): void => {}
  #closed = false
  #reading: Promise<void> = Promise.resolve()

  constructor(
    private readonly garId: string,
    private readonly kind: Registration['credentials'],
    private readonly place: Place,
    private readonly files: CredentialFiles,
    /** The listener threw when it got a new credential. */
    private readonly failed: (error: unknown) => void,
  ) {}

  /**
   * Resolves when what is there has been delivered; when `needed`, not before a SimpleCredentialsListener has its one.
   * `waits` is told why nothing has come yet.
   *
   * @throws what the listener threw
   */
  async begin(needed: boolean, waits: (why: string) => void): Promise<void> {
    if (this.kind === 'none') return
    const waitsForOne = needed && this.kind === 'simple'
    await new Promise<void>((resolve, reject) => {
      const look = async (): Promise<void> => {
        if (this.#closed) return
        const refused = await this.#deliver()
        if (!waitsForOne || this.#delivered.size > 0) resolve()
        else waits(refused.length === 0 ? 'credentials' : `credentials (${refused.join(', ')})`)
      }
      const lookAgain = (): void => {
        this.#reading = this.#reading.then(look).catch((error: unknown) => {
          reject(error)
          if (!this.#closed) this.failed(error)
        })
      }
      this.#close = this.files.watch(this.garId, lookAgain)
      lookAgain()
    })
  }

  close(): void {
    this.#closed = true
    this.#close()
  }

  async #deliver(): Promise<readonly string[]> {
    const found = await this.files.read(this.garId)
    const wanted: readonly (readonly [string | undefined, string])[] =
      this.kind === 'multiple' ? [...found.scoped] : found.simple === undefined ? [] : [[undefined, found.simple]]
    for (const [scope, pem] of wanted) {
      const name = scope ?? ''
      if (this.#closed || this.#delivered.get(name) === pem) continue
      await this.place.deliverCredentials(pem, scope)
      this.#delivered.set(name, pem)
    }
    return found.refused
  }
}
