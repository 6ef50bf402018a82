import { inject, injectable } from 'inversify'
import type { AuditEntry, AuditLine } from '../audit/audit-entry.ts'
import { AuditLog, type AuditPolicy } from '../audit/audit-log.ts'
import { type AuditWish, readAudit } from '../audit/read-audit.ts'
import { RefusalTally } from '../audit/refusal-tally.ts'
import { type AuditVerification, verifyAudit } from '../audit/verify-audit.ts'
import { ContainerConfig } from './container-config.ts'

const defaultAuditPolicy: AuditPolicy = { fileSize: 10 * 1024 * 1024, keptSize: 1024 * 1024 * 1024 }

/** What was done to this node and by whom, and who was refused: `var/audit`. */
@injectable()
export class AuditTrail {
  readonly #folder: string
  readonly #log: AuditLog
  readonly #tally: RefusalTally

  constructor(@inject(ContainerConfig) { home, audit = defaultAuditPolicy }: ContainerConfig) {
    this.#folder = home.var('audit')
    this.#log = new AuditLog(this.#folder, audit)
    this.#tally = new RefusalTally((entry) => this.#log.note(entry))
  }

  /** Resolves when the entry can't be lost any more. @throws {AuditUnavailable} */
  record(entry: AuditEntry): Promise<void> {
    return this.#log.record(entry)
  }

  /** Written soon, and nobody waits for it. */
  note(entry: AuditEntry): void {
    this.#log.note(entry)
  }

  /** Somebody was refused, as he may be often: the first time of a `kind` is written, the others of a minute are counted. */
  refused(kind: string, entry: () => AuditEntry): void {
    this.#tally.refused(kind, entry)
  }

  read(wish: AuditWish, ended?: AbortSignal): AsyncIterable<AuditLine> {
    this.#tally.flush()
    return readAudit(this.#folder, wish, ended)
  }

  verify(): Promise<AuditVerification> {
    return verifyAudit(this.#folder)
  }

  /** What was counted is told, and everything is written. */
  async close(): Promise<void> {
    this.#tally.flush()
    await this.#log.close()
  }
}
