import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type gCubeRIStateICallback, Logger, NAL } from 'dhn/service'

const log = new Logger('Samples/Counter')

/** What the counter knows: its settings, read when it becomes ready, and its value, kept in a file. */
export class CounterState implements gCubeRIStateICallback {
  start = 0
  step = 1

  ready(): void {
    this.step = NAL.lookup('services/Samples/Counter/step', 'number')
    const settings = join(NAL.getConfigurationDirectory(), 'counter.json')
    this.start = (JSON.parse(readFileSync(settings, 'utf8')) as { start: number }).start
    log.info(`counts from ${this.value} in steps of ${this.step}`)
  }

  failed(): void {
    log.error(`failed; the value stays ${this.value}`)
  }

  disabled(): void {
    log.info(`disabled at ${this.value}`)
  }

  redeployed(): void {
    log.warn('takes over from a counter that died')
  }

  /** Always read from the file: during an upgrade the old version and the new one are both there for a moment. */
  get value(): number {
    return existsSync(this.#file) ? Number(readFileSync(this.#file, 'utf8')) : this.start
  }

  /** Written beside the file and moved over it, so that a value is never half there. */
  set value(value: number) {
    const next = `${this.#file}.${process.pid}`
    writeFileSync(next, String(value))
    renameSync(next, this.#file)
  }

  get #file(): string {
    return join(NAL.getPersistentDirectory(), 'value')
  }
}
