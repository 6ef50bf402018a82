/**
 * What an archive may be at most. Each limit is the largest value that is still accepted.
 *
 * A service archive and the GAR inside it are counted together, so that nothing is gained by nesting.
 *
 * @see docs/archive.md for the list with its codes
 */
export interface ArchiveLimits {
  /** Bytes of the file as given. */
  readonly archiveSize: number
  /** Files and folders made, the folders that only paths imply included. */
  readonly entries: number
  /** Bytes of all files and of all extended tar headers together. */
  readonly unpackedSize: number
  /** Bytes of one file. */
  readonly fileSize: number
  /** Unpacked bytes for each byte of the file as given. */
  readonly ratio: number
  /** Unpacked bytes up to which the ratio doesn't matter. */
  readonly ratioFrom: number
  /** Bytes of a path inside the archive, in UTF-8. */
  readonly pathLength: number
  /** Segments of a path. */
  readonly depth: number
  /** Bytes of one descriptor: a WSDD, a JNDI configuration, a profile, a package.json. */
  readonly descriptorSize: number
}

const MiB = 1024 * 1024

export const defaultLimits: ArchiveLimits = {
  archiveSize: 256 * MiB,
  entries: 20_000,
  unpackedSize: 256 * MiB,
  fileSize: 256 * MiB,
  ratio: 200,
  ratioFrom: MiB,
  pathLength: 512,
  depth: 32,
  descriptorSize: MiB,
}
