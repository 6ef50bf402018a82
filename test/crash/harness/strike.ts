import { execFileSync } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a call fails with: `ENOSPC`, `EIO`, `EMFILE` or `EACCES`. */
export const faults = ['ENOSPC', 'EIO', 'EMFILE', 'EACCES'] as const
export type Fault = (typeof faults)[number]

/** One call fails, or all from it on. */
export const modes = ['once', 'from then on'] as const
export type Mode = (typeof modes)[number]

export interface Struck {
  /** Calls that could meet the error since it was armed. */
  readonly count: number
  /** How many of them did. */
  readonly times: number
  /** The first one that did: its name, and its path below the home. */
  readonly first: string
}

const source = fileURLToPath(new URL('../faults/strike.c', import.meta.url))
/** As in strike.c: six numbers of 32 bits, then text. */
const numbers = 6
const textLength = 512
const numberOf = { off: 0, once: 1, 'from then on': 2 } as const

/** Builds the library once for a run. @throws {Error} there is no C compiler; the message says what to install */
export function buildStrike(folder: string): string {
  const library = join(folder, 'strike.so')
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'], { stdio: 'pipe' })
  } catch (error) {
    throw new Error(`faults need a C compiler (apt-get install gcc libc6-dev): ${(error as Error).message}`)
  }
  return library
}

/**
 * The handle of strike.c in one node: which file-system call below the node's home fails, or ends it.
 *
 * The node maps the same file, so what is armed here holds for its next call.
 */
export class Strike {
  readonly #file: number
  readonly environment: Readonly<Record<string, string>>

  /** @param below real path of the folder whose files count */
  constructor(library: string, control: string, below: string) {
    this.#file = openSync(control, 'w+')
    ftruncateSync(this.#file, numbers * 4 + textLength)
    this.environment = { LD_PRELOAD: library, DHN_STRIKE_CONTROL: control, DHN_STRIKE_BELOW: below }
  }

  /** @param nth counts from 1, from now on */
  fail(fault: Fault, nth: number, mode: Mode): void {
    this.#arm(numberOf[mode], constants.errno[fault], nth, 0)
  }

  kill(pid: number, nth: number): void {
    this.#arm(numberOf.once, 0, nth, pid)
  }

  disarm(): Struck {
    this.#number(0, numberOf.off)
    const bytes = Buffer.alloc(numbers * 4 + textLength)
    readSync(this.#file, bytes, 0, bytes.length, 0)
    const text = bytes.subarray(numbers * 4)
    return {
      count: bytes.readUInt32LE(12),
      times: bytes.readUInt32LE(16),
      first: text.toString('utf8', 0, text.indexOf(0)),
    }
  }

  close(): void {
    closeSync(this.#file)
  }

  /** The mode last: from then on it holds. */
  #arm(mode: number, error: number, nth: number, pid: number): void {
    this.#number(0, numberOf.off)
    writeSync(this.#file, Buffer.alloc(textLength), 0, textLength, numbers * 4)
    for (const [at, value] of [error, nth, 0, 0, pid].entries()) this.#number(at + 1, value)
    this.#number(0, mode)
  }

  #number(at: number, value: number): void {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value)
    writeSync(this.#file, bytes, 0, 4, at * 4)
  }
}
