/** Who did or asked for something. */
export interface AuditWho {
  /** How he came: the admin socket, a door, or not at all: the node itself. */
  readonly via: 'socket' | 'https' | 'http' | 'node'
  /** The user that the admin socket belongs to. */
  readonly uid?: number
  /** The name of a certificate that was accepted. */
  readonly dn?: string
  /** The name in a certificate that was refused: anybody can write one. */
  readonly claimed?: string
  readonly username?: string
  readonly group?: string
  readonly vo?: string
}

export interface AuditEntry {
  /** `admin`: asked of the admin API; `call`: of a service; `log`: about this log itself. */
  readonly kind: 'admin' | 'call' | 'log'
  readonly who: AuditWho
  /** Such as `deploy`, `GET /instances`, `Samples/Echo.echo`. */
  readonly what: string
  /** What it was done to: an archive, a GAR ID, an instance. */
  readonly target?: string
  /** The network address. */
  readonly from?: string
  /** `begun` comes before the work, and the other word with the same request id when it is known what came of it. */
  readonly outcome: 'begun' | 'done' | 'unchanged' | 'failed' | 'refused' | 'noted'
  /** The error code of what was refused or failed. */
  readonly code?: string
  readonly request?: string
  /** The id of the operation that it began. */
  readonly operation?: string
  /** Of refusals that were alike and aren't told one by one: how many, since when. */
  readonly count?: number
  readonly since?: string
  /** How it was to be done; what the log has to say about itself. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>
}

/** An entry in its place. */
export interface AuditLine extends AuditEntry {
  /** From 1, without gaps. */
  readonly n: number
  /** ISO 8601, UTC. */
  readonly at: string
  /** SHA-256 of the line before, in hex. */
  readonly previous: string
}
