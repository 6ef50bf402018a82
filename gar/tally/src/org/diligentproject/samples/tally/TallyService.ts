import { Counter } from 'counter-stubs'
import { type gCubeRIStateICallback, gCubeStartupManager, Logger, RequestHandler, S_ERROR, S_OK } from 'dhn/service'

const log = new Logger('Samples/Tally')

/** Counts things by name, and all of them together with the node's counter. */
export class TallyService extends RequestHandler implements gCubeRIStateICallback {
  readonly #seen = new Map<string, number>()
  #counter: Counter | undefined

  /** `scope=Application` in the descriptor: there is one object, made when the service is loaded. */
  constructor() {
    super()
    gCubeStartupManager.registerRI('Samples', 'Tally', this)
  }

  /** The profile names the counter as a dependency, so it is ready before this is called. */
  async ready(): Promise<void> {
    this.#counter = await Counter.ofThisNode()
    const total = await this.#counter.value()
    if (!total.OK) throw new Error(`the counter doesn't answer: ${total.Message}`)
    log.info(`the counter stands at ${total.Value}`)
  }

  failed(): void {
    log.error('failed')
  }

  disabled(): void {
    log.info(`disabled after ${this.#seen.size} things`)
  }

  redeployed(): void {
    log.warn('takes over from a tally that died, with nothing seen')
  }

  auth_count = ['all']
  async export_count(thing: string) {
    const total = await this.#counter?.add()
    if (total?.OK !== true) return total ?? S_ERROR('not ready')
    const seen = (this.#seen.get(thing) ?? 0) + 1
    this.#seen.set(thing, seen)
    return S_OK({ thing, seen, total: total.Value })
  }
}
