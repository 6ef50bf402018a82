import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ToKeeper } from '../../../src/logs/keeper-messages.ts'
import type { FaultFigures } from '../figures.ts'
import type { Built } from '../harness/program.ts'
import { Strike } from '../harness/strike.ts'
import { type Trial, type UnderFaults, whatWasStruck } from './under-faults.ts'

/** Small files, so that a trial meets rotation. */
const policy = { fileSize: 4096, fileAge: 1e9, keptSize: 1e9, keptFor: 1e12 }
/** Less than a pipe holds. */
const lines = 150
const line = (number: number): string => `line ${String(number).padStart(10, '0')} of a service that says much\n`

const missing = /^\S+ WARN {2}dhn: (\d+) bytes are missing here: /

/** The process that writes the logs of services: it goes on, and tells of every byte that it had no room for. */
export class LogsUnderFaults implements UnderFaults {
  readonly wrong: string[] = []
  readonly #strike: Strike
  readonly #pipe: string
  readonly #log: string
  #keeper: ChildProcess | undefined
  #answers: AsyncIterator<string> | undefined
  #descriptor = 0
  #written = 0

  constructor(
    private readonly folder: string,
    built: Built,
  ) {
    mkdirSync(join(folder, 'log'), { recursive: true })
    this.#strike = new Strike(built.library, `${folder}.strike`, join(realpathSync(folder), 'log'))
    this.#pipe = join(folder, 'pipe')
    this.#log = join(realpathSync(folder), 'log', 'service.log')
  }

  async begin(): Promise<void> {
    execFileSync('mkfifo', [this.#pipe])
    this.#descriptor = openSync(this.#pipe, 'r+')
    const entry = createRequire(import.meta.url).resolve('#log-keeper')
    this.#keeper = spawn(process.execPath, [entry], {
      env: { ...this.#strike.environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#answers = createInterface({ input: this.#keeper.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
    this.#say({ what: 'policy', policy })
    this.#say({ what: 'open', log: this.#log, pipe: this.#pipe })
    await this.#print(1)
  }

  async end(): Promise<void> {
    closeSync(this.#descriptor)
    const ended = this.#keeper && once(this.#keeper, 'exit')
    this.#keeper?.stdin?.end()
    await ended
    this.#strike.close()
  }

  async try(trial: Trial, figures: FaultFigures): Promise<void> {
    this.#strike.fail(trial.fault, trial.nth, trial.mode)
    await this.#print(lines)
    const { first, met } = whatWasStruck(this.#strike, trial, figures)
    await this.#print(1)
    const { found, told } = this.#takeLogs()
    const lost = this.#written - found
    this.#written = 0
    if (met && told === 0) figures.done += 1
    if (told > 0) figures.refused += 1
    if (lost === told) return
    const what = `${lost} bytes are missing and ${told} are told of`
    this.wrong.push(`writing logs, ${trial.fault} at call ${trial.nth} ${trial.mode} (${first}): ${what}`)
  }

  /** Prints as a service does, and waits until the keeper has done with it. */
  async #print(count: number): Promise<void> {
    for (let number = 1; number <= count; number += 1) this.#written += writeSync(this.#descriptor, line(number))
    this.#say({ what: 'flush', log: this.#log, id: 1 })
    await this.#answers?.next()
  }

  #say(message: ToKeeper): void {
    this.#keeper?.stdin?.write(`${JSON.stringify(message)}\n`)
  }

  /** How many bytes are in the logs, and of how many it is told that they are missing. The files are emptied or gone then. */
  #takeLogs(): { readonly found: number; readonly told: number } {
    const folder = join(this.folder, 'log')
    let found = 0
    let told = 0
    for (const path of readdirSync(folder).map((name) => join(folder, name))) {
      const whole = readFileSync(path, 'utf8').split('\n')
      found += whole.pop()?.length ?? 0
      for (const [index, one] of whole.entries()) {
        const lost = Number(missing.exec(one)?.[1] ?? Number.NaN)
        if (Number.isNaN(lost)) found += one.length + 1
        else told += lost
        // A line that was cut off ends before the words about it: this end nobody has printed.
        const before = whole[index - 1] ?? ''
        if (!Number.isNaN(lost) && before.length > 0 && before.length < line(0).length - 1) found -= 1
      }
      if (path === this.#log) truncateSync(path)
      else rmSync(path)
    }
    return { found, told }
  }
}
