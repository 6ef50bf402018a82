import type { FileHandle } from 'node:fs/promises'

/** One file of a log as it is read: rotation renames it, and it is read on. */
export interface LogPart {
  readonly handle: FileHandle
  readonly inode: number
  /** Bytes that it held when it was opened. */
  readonly size: number
  readonly changed: number
}

/** A place in a log: a byte of one of its files. */
export interface LogPlace {
  readonly part: number
  readonly offset: number
}
