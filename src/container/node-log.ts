/** Where the node writes what it does: facts for machines, a sentence for people. pino's loggers are of this form. */
export interface NodeLog {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** The interface and its token share a name (docs/architecture.md, wiring). */
export const NodeLog = Symbol('NodeLog')
