import { closeSync, fstatSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs'
import { nextAside, prune } from './log-files.ts'
import type { LogPolicy } from './log-policy.ts'

const newline = 10
/** How long a file that was taken away or renamed by others may go unnoticed, ms. */
const noticed = 1000

/**
 * A log that grows, by one writer: put aside by a rename when it is large or old enough, between two lines. A line that is
 * longer than a whole file may be is cut.
 *
 * Writing is synchronous, so that nothing is lost with the process and whoever writes faster than the disk waits. What the
 * disk has no room for is counted, and the count is written once there is room again.
 */
export class RotatingFile {
  #descriptor: number | undefined
  #inode = 0
  #size = 0
  #begun = 0
  #looked = 0
  #lineEnded = true
  #lost = 0
  #why = ''

  /** @throws what the file system throws when the file can't be opened */
  constructor(
    readonly path: string,
    private readonly policy: LogPolicy,
    private readonly now: () => number = Date.now,
  ) {
    this.#open()
  }

  /** Bytes that there was no room for and that the log doesn't tell of yet. */
  get lost(): number {
    return this.#lost
  }

  write(bytes: Uint8Array): void {
    let unwritten = bytes.length
    try {
      this.#check()
      if (this.#lost > 0) this.#tellLost()
      this.#write(bytes, (written) => {
        unwritten -= written
      })
    } catch (error) {
      this.#lost += unwritten
      this.#why = (error as Error).message
    }
  }

  /** A line of its own, also when the last one hasn't ended. */
  line(text: string): void {
    this.write(Buffer.from(`${this.#lineEnded ? '' : '\n'}${text}\n`))
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  #write(bytes: Uint8Array, wrote: (bytes: number) => void): void {
    for (let rest = bytes; rest.length > 0; ) {
      const fitting = this.#fitting(rest)
      this.#append(rest.subarray(0, fitting), wrote)
      rest = rest.subarray(fitting)
      if (rest.length > 0) this.#rotate()
    }
  }

  /** How much goes into this file: whole lines where it is at all possible. */
  #fitting(bytes: Uint8Array): number {
    const { fileSize, fileAge } = this.policy
    const old = this.#size > 0 && this.#begun + fileAge <= this.now()
    const room = old ? 0 : Math.max(0, fileSize - this.#size)
    if (bytes.length <= room) return bytes.length
    const lines = room === 0 ? 0 : bytes.lastIndexOf(newline, room - 1) + 1
    if (lines > 0 || (this.#lineEnded && this.#size > 0)) return lines
    // The line that was begun, or is longer than a file, goes on to its end, unless that doesn't come.
    const end = bytes.indexOf(newline) + 1
    if (end > 0) return end
    return this.#size + bytes.length > 2 * fileSize && this.#size > 0 ? 0 : bytes.length
  }

  #append(bytes: Uint8Array, wrote: (bytes: number) => void = () => {}): void {
    for (let at = 0; at < bytes.length; ) {
      const written = writeSync(this.#descriptor as number, bytes, at)
      wrote(written)
      at += written
      this.#size += written
      this.#lineEnded = bytes[at - 1] === newline
    }
  }

  #rotate(): void {
    renameSync(this.path, nextAside(this.path, this.now()))
    this.close()
    this.#open()
    try {
      prune(this.path, this.policy, this.policy.fileSize, this.now())
    } catch {
      // What can't be taken away now is taken away at the next rotation.
    }
  }

  #open(): void {
    const descriptor = openSync(this.path, 'a+', 0o600)
    const { ino, size, birthtimeMs } = fstatSync(descriptor)
    this.#descriptor = descriptor
    this.#inode = ino
    this.#size = size
    this.#begun = size === 0 ? this.now() : birthtimeMs
    this.#looked = this.now()
    const last = Buffer.alloc(1)
    this.#lineEnded = size === 0 || (readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] === newline)
  }

  /** Begins anew where others took the file away: what is written to one without a name is lost. */
  #check(): void {
    const now = this.now()
    if (this.#descriptor !== undefined && now < this.#looked + noticed && now >= this.#looked) return
    this.#looked = now
    if (this.#descriptor !== undefined && statSync(this.path, { throwIfNoEntry: false })?.ino === this.#inode) return
    this.close()
    this.#open()
  }

  #tellLost(): void {
    const [lost, lineEnd] = [this.#lost, this.#lineEnded ? '' : '\n']
    const told = `${lineEnd}${new Date(this.now()).toISOString()} WARN  dhn: ${lost} bytes are missing here: ${this.#why}\n`
    this.#append(Buffer.from(told))
    this.#lost -= lost
  }
}
