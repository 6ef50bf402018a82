import type { ArchiveFile } from './archive-file.ts'
import { ArchiveRefused, printable } from './archive-refused.ts'
import type { EntryPolicy } from './entry-policy.ts'
import { gunzip } from './gzip.ts'
import { type PaxOverrides, readPaxHeader } from './pax-header.ts'
import type { StagingTree } from './staging-tree.ts'
import { blockSize, isZero, readTarHeader, type TarHeader } from './tar-header.ts'

/** Extended attributes are the largest thing that a packer puts into an extended header. */
const longestExtension = 64 * 1024
/** Packers fill the last record with zeros, 10 KiB by default. */
const longestPadding = 1024 * 1024

/**
 * Unpacks a gzipped tar into a fresh tree.
 *
 * @throws {ArchiveRefused} at the first entry that breaks a rule; what was written before is the caller's to remove
 */
export async function unpackTar(file: ArchiveFile, policy: EntryPolicy, tree: StagingTree): Promise<void> {
  const reader = new TarReader(policy, tree)
  try {
    await gunzip(file, (chunk) => reader.write(chunk))
    reader.end()
  } finally {
    tree.end()
  }
}

/** Follows a tar as it comes, in chunks of any size, and writes its files as they come. */
class TarReader {
  /** A header block or an extension of which a part has come. */
  private readonly collected: Buffer[] = []
  private missing = blockSize
  private state: 'header' | 'extension' | 'content' | 'padding' = 'header'
  private over = false
  private extension: TarHeader | undefined
  /** What the extensions before an entry say of it. */
  private overrides: PaxOverrides | undefined
  private padding = 0
  private zeroBlocks = 0
  private zeros = 0

  constructor(
    private readonly policy: EntryPolicy,
    private readonly tree: StagingTree,
  ) {}

  write(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const piece = this.over ? chunk.subarray(at) : chunk.subarray(at, at + this.missing)
      at += piece.length
      if (this.over) this.pad(piece)
      else this.take(piece)
    }
  }

  /** The data is over: the tar has to be, too. */
  end(): void {
    if (!this.over) throw new ArchiveRefused('DHN_ARCHIVE_TRUNCATED', { detail: 'no end of the tar' })
  }

  private take(piece: Buffer): void {
    this.missing -= piece.length
    if (this.state === 'content') {
      this.tree.write(piece)
      if (this.missing === 0) this.tree.end()
    } else if (this.state !== 'padding') {
      this.collected.push(piece)
    }
    while (this.missing === 0 && !this.over) this.step()
  }

  private pad(piece: Buffer): void {
    this.zeros += piece.length
    if (!isZero(piece) || this.zeros > longestPadding) {
      throw new ArchiveRefused('DHN_ARCHIVE_TRAILING_DATA', { detail: 'after the end of the tar' })
    }
  }

  /** What was awaited is there; says what is awaited next. */
  private step(): void {
    switch (this.state) {
      case 'header':
        this.header(this.whole())
        return
      case 'extension':
        this.extend(this.extension as TarHeader, this.whole())
        this.await('padding', this.padding)
        return
      case 'content':
        this.await('padding', this.padding)
        return
      default:
        this.await('header', blockSize)
    }
  }

  private whole(): Buffer {
    const [first, ...more] = this.collected
    this.collected.length = 0
    return more.length === 0 ? (first ?? Buffer.alloc(0)) : Buffer.concat([first as Buffer, ...more])
  }

  private await(state: typeof this.state, length: number): void {
    this.state = state
    this.missing = length
  }

  private header(block: Buffer): void {
    if (isZero(block)) {
      if (this.overrides !== undefined) throw new ArchiveRefused('DHN_ARCHIVE_PAX_HEADER', { detail: 'of no entry' })
      this.zeroBlocks += 1
      this.over = this.zeroBlocks === 2
      this.await('header', blockSize)
      return
    }
    if (this.zeroBlocks > 0) {
      throw new ArchiveRefused('DHN_ARCHIVE_TRAILING_DATA', { detail: 'after the end of the tar' })
    }
    const header = readTarHeader(block)
    this.padding = (blockSize - (header.size % blockSize)) % blockSize
    switch (header.type) {
      case '0':
      case '5':
        this.entry(header, header.type === '0' ? 'file' : 'folder')
        return
      case 'x':
      case 'g':
      case 'L':
        this.announce(header)
        return
      case '1':
      case '2':
      case 'K':
        throw new ArchiveRefused('DHN_ARCHIVE_LINK', { entry: printable(header.name) })
      case '3':
      case '4':
      case '6':
        throw new ArchiveRefused('DHN_ARCHIVE_SPECIAL_FILE', { entry: printable(header.name) })
      case 'S':
        throw new ArchiveRefused('DHN_ARCHIVE_SPARSE', { entry: printable(header.name) })
      default:
        throw new ArchiveRefused('DHN_ARCHIVE_ENTRY_TYPE', {
          entry: printable(header.name),
          detail: `tar type "${printable(header.type)}"`,
        })
    }
  }

  private entry(header: TarHeader, kind: 'file' | 'folder'): void {
    const { path: name = header.name, size = header.size } = this.overrides ?? {}
    this.overrides = undefined
    if (size !== header.size) {
      throw new ArchiveRefused('DHN_ARCHIVE_PAX_HEADER', { entry: printable(name), detail: 'another size' })
    }
    if (kind === 'folder' && size !== 0) {
      throw new ArchiveRefused('DHN_ARCHIVE_TAR_HEADER', { entry: printable(name), detail: 'a folder with a size' })
    }
    const path = this.policy.admit({ name, kind, size })
    if (path !== undefined && kind === 'folder') this.tree.folder(path)
    if (path !== undefined && kind === 'file') this.tree.begin(path)
    if (size === 0) this.tree.end()
    this.await('content', size)
  }

  /** An extended header or a long name: its content is kept, within bounds, and counted. */
  private announce(header: TarHeader): void {
    if (header.size > longestExtension) {
      throw new ArchiveRefused(header.type === 'L' ? 'DHN_ARCHIVE_LONG_NAME' : 'DHN_ARCHIVE_PAX_HEADER', {
        detail: `${header.size} bytes`,
        limit: longestExtension,
      })
    }
    if (header.type === 'g') this.policy.totals.addEntry()
    this.policy.totals.addBytes(header.size)
    this.extension = header
    this.await('extension', header.size)
  }

  private extend(header: TarHeader, content: Buffer): void {
    if (header.type === 'g') {
      readPaxHeader(content, 'global')
      return
    }
    // Two in a row: readers disagree about which of them counts.
    if (this.overrides !== undefined) {
      throw new ArchiveRefused(header.type === 'L' ? 'DHN_ARCHIVE_LONG_NAME' : 'DHN_ARCHIVE_PAX_HEADER', {
        detail: 'a second one for the same entry',
      })
    }
    this.overrides = header.type === 'x' ? readPaxHeader(content, 'entry') : { path: longName(content) }
  }
}

/** GNU tar's record for a name longer than the header's field: the name and one NUL. */
function longName(content: Buffer): Uint8Array {
  const name = content.subarray(0, -1)
  if (content.at(-1) !== 0 || name.length === 0 || name.includes(0)) throw new ArchiveRefused('DHN_ARCHIVE_LONG_NAME')
  return name
}
