import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { initializeHome } from '../../../src/config.ts'
import type { FaultFigures } from '../figures.ts'
import type { Built } from '../harness/program.ts'
import { Strike } from '../harness/strike.ts'
import { errorIn, hasCode, type Trial, type UnderFaults, whatWasStruck } from './under-faults.ts'

/** `dhn support-bundle`, of a home whose node doesn't run: a file that is whole, or an error and no file. */
export class BundleUnderFaults implements UnderFaults {
  readonly wrong: string[] = []
  readonly #strike: Strike
  readonly #home: string
  readonly #file: string

  constructor(
    folder: string,
    private readonly built: Built,
  ) {
    mkdirSync(folder, { recursive: true })
    this.#strike = new Strike(built.library, `${folder}.strike`, realpathSync(folder))
    this.#home = join(folder, 'home')
    this.#file = join(folder, 'bundle.tar.gz')
  }

  async begin(): Promise<void> {
    await initializeHome(this.#home)
  }

  async end(): Promise<void> {
    this.#strike.close()
  }

  async try(trial: Trial, figures: FaultFigures): Promise<void> {
    this.#strike.fail(trial.fault, trial.nth, trial.mode)
    const { code, stdout } = await this.#run()
    const { first, met } = whatWasStruck(this.#strike, trial, figures)
    const tell = (what: string): void => {
      this.wrong.push(`support-bundle, ${trial.fault} at call ${trial.nth} ${trial.mode} (${first}): ${what}`)
    }
    if (code === 0 && met) figures.done += 1
    if (code !== 0) {
      figures.refused += 1
      if (!hasCode(errorIn(stdout))) tell(`it ended with ${code} and said ${stdout}`)
      // Where nothing can be removed any more, a whole one may stay.
      if (existsSync(this.#file) && (trial.mode === 'once' || !this.#isWhole())) tell('it left a file')
    }
    rmSync(this.#file, { force: true })
    const again = await this.#run()
    if (again.code !== 0 || !existsSync(this.#file)) tell(`afterwards it ended with ${again.code}: ${again.stdout}`)
    rmSync(this.#file, { force: true })
  }

  #isWhole(): boolean {
    try {
      return gunzipSync(readFileSync(this.#file)).length > 0
    } catch {
      return false
    }
  }

  async #run(): Promise<{ readonly code: number | null; readonly stdout: string }> {
    const words = [this.built.program, 'support-bundle', '--home', this.#home, '--out', this.#file, '--json']
    const child = spawn(process.execPath, words, {
      env: { PATH: process.env.PATH, HOME: '/nowhere', ...this.#strike.environment },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    return { stdout: await text(child.stdout), code: await ended }
  }
}
