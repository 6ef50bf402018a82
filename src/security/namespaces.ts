import { NameUnreadable, PolicyFileUnreadable } from './errors.ts'
import { LinearRegex } from './linear-regex.ts'
import type { Name } from './name.ts'
import { readName, textKey } from './name-text.ts'
import { policyForms } from './policy-name.ts'

interface Statement {
  /** Undefined is SELF: whichever CA the file belongs to. */
  readonly issuer: string | undefined
  readonly permits: boolean
  readonly subject: LinearRegex
}

/** What one `.namespaces` file (EUGridPMA, version 1) lets its CAs name. */
export class Namespaces {
  constructor(private readonly statements: readonly Statement[]) {}

  /** Whether `ca` may sign for `subject`: a statement permits it and none denies it. */
  allows(ca: Name, subject: Name): boolean {
    const key = textKey(ca)
    const forms = policyForms(subject)
    const matching = this.statements.filter(
      (statement) =>
        (statement.issuer === undefined || statement.issuer === key) &&
        forms.some((form) => statement.subject.matches(form)),
    )
    return matching.length > 0 && matching.every(({ permits }) => permits)
  }
}

const MAX_BYTES = 256 * 1024
const statement = /^TO\s+Issuer\s+(?:"([^"]*)"|(SELF))\s+(PERMIT|DENY)\s+Subject\s+"([^"]*)"$/i

/**
 * Reads `TO Issuer "DN"|SELF PERMIT|DENY Subject "expression"`, one statement a line, lines joined by `\` at the end,
 * `#` comments. An expression has to match a whole one-line name.
 *
 * @throws {PolicyFileUnreadable} anything else is in it
 */
export function readNamespaces(text: string): Namespaces {
  if (text.length > MAX_BYTES) throw new PolicyFileUnreadable('namespaces', 1, 'it is too long')
  const statements = logicalLines(text).map(({ line, content }): Statement => {
    const found = statement.exec(content)
    if (found === null) throw new PolicyFileUnreadable('namespaces', line, 'it is no TO Issuer … PERMIT Subject …')
    const [, issuer, , verb, subject] = found
    try {
      return {
        issuer: issuer === undefined ? undefined : textKey(readName(issuer)),
        permits: (verb as string).toUpperCase() === 'PERMIT',
        subject: new LinearRegex(subject as string),
      }
    } catch (cause) {
      if (cause instanceof NameUnreadable || cause instanceof SyntaxError) {
        throw new PolicyFileUnreadable('namespaces', line, cause.message)
      }
      throw cause
    }
  })
  if (statements.length === 0) throw new PolicyFileUnreadable('namespaces', 1, 'it has no statement')
  return new Namespaces(statements)
}

function logicalLines(text: string): { line: number; content: string }[] {
  const lines: { line: number; content: string }[] = []
  let pending: { line: number; content: string } | undefined
  text.split(/\r?\n/).forEach((raw, index) => {
    if (pending === undefined && /^\s*(#|$)/.test(raw)) return
    const more = /\\\s*$/.test(raw)
    const content = raw.replace(/\\\s*$/, '')
    pending = { line: pending?.line ?? index + 1, content: `${pending?.content ?? ''} ${content}` }
    if (more) return
    lines.push({ line: pending.line, content: pending.content.trim() })
    pending = undefined
  })
  if (pending !== undefined) throw new PolicyFileUnreadable('namespaces', pending.line, 'it ends with a \\')
  return lines
}
