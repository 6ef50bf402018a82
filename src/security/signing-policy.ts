import { NameUnreadable, PolicyFileUnreadable } from './errors.ts'
import type { Name } from './name.ts'
import { readName, textKey } from './name-text.ts'
import { policyForms } from './policy-name.ts'

/** One CA's right to sign, from a file in the EACL format of Globus. */
interface Entry {
  readonly ca: string
  readonly rules: readonly { readonly allows: boolean; readonly subjects: readonly string[] }[]
}

/** What the CAs of one `.signing_policy` file may sign. */
export class SigningPolicy {
  constructor(private readonly entries: readonly Entry[]) {}

  /** Whether `ca` may sign for `subject`: some rule allows it and none forbids it. */
  allows(ca: Name, subject: Name): boolean {
    const key = textKey(ca)
    const forms = policyForms(subject)
    const rules = this.entries.filter((entry) => entry.ca === key).flatMap((entry) => entry.rules)
    const matching = rules.filter(({ subjects }) =>
      subjects.some((pattern) => forms.some((form) => matchesGlob(pattern, form))),
    )
    return matching.length > 0 && matching.every(({ allows }) => allows)
  }
}

const MAX_BYTES = 256 * 1024

/**
 * Reads a `.signing_policy` file: `access_id_CA X509 'DN'`, then `pos_rights|neg_rights globus CA:sign` and
 * `cond_subjects globus '"glob" "glob"'`, one after another, for each CA. `#` begins a comment.
 *
 * @throws {PolicyFileUnreadable} anything else is in it: a file that's read in part would allow or forbid by accident
 */
export function readSigningPolicy(text: string): SigningPolicy {
  const fail = (line: number, problem: string): never => {
    throw new PolicyFileUnreadable('signing_policy', line, problem)
  }
  if (text.length > MAX_BYTES) fail(1, 'it is too long')
  const entries: { ca: string; line: number; rules: { allows: boolean; signs: boolean; subjects?: string[] }[] }[] = []
  text.split(/\r?\n/).forEach((content, index) => {
    const line = index + 1
    const tokens = tokensOf(content) ?? fail(line, 'a quote is not closed')
    const [keyword, authority, value, ...more] = tokens
    if (keyword === undefined) return
    if (authority === undefined || value === undefined || more.length > 0) {
      fail(line, `${keyword} needs an authority and one value`)
    }
    const entry = entries.at(-1)
    switch (keyword.toLowerCase()) {
      case 'access_id_ca':
        if (authority?.toUpperCase() !== 'X509') fail(line, 'the authority of access_id_CA is not X509')
        entries.push({ ca: nameKey(value as string, line), line, rules: [] })
        break
      case 'pos_rights':
      case 'neg_rights':
        if (entry === undefined) fail(line, `${keyword} stands before any access_id_CA`)
        entry?.rules.push({ allows: keyword.toLowerCase() === 'pos_rights', signs: value?.toLowerCase() === 'ca:sign' })
        break
      case 'cond_subjects': {
        const rule = entry?.rules.at(-1)
        if (rule === undefined) fail(line, 'cond_subjects stands before any rights')
        const subjects = subjectsOf(value as string)
        if (rule !== undefined) rule.subjects = [...(rule.subjects ?? []), ...(subjects ?? fail(line, 'no subjects'))]
        break
      }
      default:
        fail(line, `${JSON.stringify(keyword)} is no keyword`)
    }
  })
  if (entries.length === 0) fail(1, 'it names no CA')
  return new SigningPolicy(
    entries.map(({ ca, line, rules }) => ({
      ca,
      rules:
        rules.filter(({ signs }) => signs).length === 0
          ? fail(line, 'the CA has no rights')
          : rules.map(({ allows, subjects }) => ({
              allows,
              subjects: subjects ?? fail(line, 'rights without subjects'),
            })),
    })),
  )
}

/** Words and quoted texts of one line up to a comment; undefined when a quote isn't closed. */
function tokensOf(line: string): string[] | undefined {
  const tokens: string[] = []
  let at = 0
  while (at < line.length) {
    const character = line[at] as string
    if (/\s/.test(character)) {
      at++
    } else if (character === '#') {
      break
    } else if (character === "'" || character === '"') {
      const end = line.indexOf(character, at + 1)
      if (end === -1) return undefined
      tokens.push(line.slice(at + 1, end))
      at = end + 1
    } else {
      const end = /[\s]/.exec(line.slice(at))?.index
      tokens.push(end === undefined ? line.slice(at) : line.slice(at, at + end))
      at = end === undefined ? line.length : at + end
    }
  }
  return tokens
}

/** The globs of a cond_subjects value: each in double quotes, or the whole value when nothing is quoted. */
function subjectsOf(value: string): string[] | undefined {
  const trimmed = value.trim()
  if (!trimmed.includes('"')) return trimmed === '' ? undefined : [trimmed]
  const subjects = [...trimmed.matchAll(/"([^"]*)"/g)].map((found) => found[1] as string)
  const rest = trimmed.replace(/"[^"]*"/g, '').trim()
  return rest === '' && subjects.length > 0 && !subjects.includes('') ? subjects : undefined
}

function nameKey(text: string, line: number): string {
  try {
    return textKey(readName(text))
  } catch (cause) {
    if (cause instanceof NameUnreadable) throw new PolicyFileUnreadable('signing_policy', line, cause.message)
    throw cause
  }
}

/** Whether the whole text matches a glob of `*` (any characters) and `?` (one); at worst length times length. */
export function matchesGlob(pattern: string, text: string): boolean {
  let [p, t, star, mark] = [0, 0, -1, 0]
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++
      mark = t
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++
      t++
    } else if (star !== -1) {
      p = star + 1
      t = ++mark
    } else {
      return false
    }
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
