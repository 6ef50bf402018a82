import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * A fresh folder that an archive's files are written to.
 *
 * It writes synchronously: making a file costs the kernel more than anything that could run meanwhile, and the caller is
 * a thread of its own. Modes are always the same, 0644 and 0755: what an archive says of them is not taken over. Paths
 * come from the entry policy; a file that is there already is never opened.
 */
export class StagingTree {
  private readonly made = new Set<string>()
  private open: number | undefined
  /** Paths of the files, in the order of the archive. */
  readonly files = new Set<string>()
  /** Bytes of all files. */
  size = 0

  constructor(readonly root: string) {
    mkdirSync(root, { mode: 0o755 })
    this.made.add('.')
  }

  folder(path: string): void {
    if (this.made.has(path)) return
    this.folder(dirname(path))
    mkdirSync(join(this.root, path), { mode: 0o755 })
    this.made.add(path)
  }

  /** Writes a whole file at once. */
  file(path: string, content: Uint8Array): void {
    this.folder(dirname(path))
    writeFileSync(join(this.root, path), content, { flag: 'wx', mode: 0o644 })
    this.size += content.length
    this.files.add(path)
  }

  /** Starts a file whose content follows by `write`; one at a time. */
  begin(path: string): void {
    this.folder(dirname(path))
    this.open = openSync(join(this.root, path), 'wx', 0o644)
    this.files.add(path)
  }

  write(chunk: Uint8Array): void {
    if (this.open === undefined) throw new Error('no file was begun')
    for (let written = 0; written < chunk.length; ) written += writeSync(this.open, chunk, written)
    this.size += chunk.length
  }

  /** Ends the file that was begun. Safe when there is none. */
  end(): void {
    if (this.open === undefined) return
    const open = this.open
    this.open = undefined
    closeSync(open)
  }
}
