/** Something odd that a reader found in an archive or a descriptor and went on without refusing it. */
export interface Problem {
  /** `error`: the archive can't be deployed here; `warning`: it can, but look at it; `note`: worth knowing. */
  readonly level: 'error' | 'warning' | 'note'
  /** A stable word for the kind of problem, such as `profile-unknown-element`. */
  readonly code: string
  readonly message: string
  /** The file it was found in, as a path inside the archive. */
  readonly file?: string
  /** The line in that file, from 1. */
  readonly line?: number
}
