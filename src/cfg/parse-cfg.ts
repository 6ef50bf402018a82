import { type CfgEntry, type CfgSection, isOption, isSection, type LostEntry, pathNames, stripped } from './cfg.ts'
import { CfgMalformed } from './errors.ts'

interface OpenSection extends CfgSection {
  readonly entries: Map<string, CfgEntry>
  /** It stands in a section that isn't there, and may have nothing in it. */
  readonly nowhere?: string
}

/**
 * Reads a configuration text as DIRAC reads it (docs/configuration.md, the grammar); only a byte order mark at the start is
 * ignored. What DIRAC drops or overwrites without a word is `lost`: an entry in a section that isn't there, a section for
 * whose name an option comes later.
 *
 * @throws {CfgMalformed} naming `file` and the line
 */
export function parseCfg(text: string, file = 'configuration'): CfgSection {
  const root = newSection('', 0)
  const outer: { readonly section: OpenSection; readonly name: string; readonly line: number }[] = []
  let section = root
  let comment = ''
  // Text without a sign, kept until a brace or an option follows; it may come from several lines.
  let pending = ''
  const lost: LostEntry[] = []

  const lines = (text.startsWith('\uFEFF') ? text.slice(1) : text).split('\n').map(stripped)
  for (const [index, line] of lines.entries()) {
    if (line === '') continue
    if (line.startsWith('#')) {
      comment += `${line.replaceAll('#', '')}\n`
      continue
    }
    const number = index + 1
    const refuse = (reason: string): CfgMalformed => new CfgMalformed(file, number, reason)
    const lose = (text: string): void => void lost.push({ line: number, text })
    const equals = line.indexOf('=')
    const appends = equals > 0 && line[equals - 1] === '+'
    const before = equals === -1 ? line : line.slice(0, appends ? equals - 1 : equals)

    for (const character of before) {
      if (character === '{') {
        const name = stripped(pending)
        const opened = addSection(section, name, newSection(comment, number), { refuse, lose })
        outer.push({ section, name, line: number })
        section = opened
        comment = ''
        pending = ''
      } else if (character === '}') {
        const parent = outer.pop()
        if (parent === undefined) throw refuse('a section is closed that was never opened')
        section = parent.section
      } else {
        pending += character
      }
    }
    if (equals === -1) continue

    const value = stripped(line.slice(equals + 1))
    if (appends) append(section, stripped(before), value, number, refuse)
    else setOption(section, stripped(before), { comment, line: number, value }, { refuse, lose })
    comment = ''
    pending = ''
  }

  const open = outer.pop()
  if (open !== undefined) throw new CfgMalformed(file, open.line, `section ${open.name} is opened but never closed`)
  return lost.length === 0 ? root : { ...root, lost }
}

type Refuse = (reason: string) => CfgMalformed

interface Trouble {
  readonly refuse: Refuse
  lose(text: string): void
}

const newSection = (comment: string, line: number): OpenSection => ({ comment, line, entries: new Map() })

/** @returns what is open now: `added`, or what stands for it where it is lost */
function addSection(parent: OpenSection, path: string, added: OpenSection, { refuse, lose }: Trouble): OpenSection {
  const { holder, name, missing } = locate(parent, path, 'a section', refuse)
  if (holder === undefined) {
    lose(missing)
    return { ...added, nowhere: missing }
  }
  if (holder.entries.has(name)) throw refuse(`${path} is already there`)
  holder.entries.set(name, added)
  return added
}

function setOption(section: OpenSection, path: string, option: CfgEntry, { refuse, lose }: Trouble): void {
  const { holder, name, missing } = locate(section, path, 'an option', refuse)
  if (holder === undefined) {
    lose(missing)
    return
  }
  if (isSection(holder.entries.get(name))) lose(`${path} was a section, and is an option from here on`)
  holder.entries.set(name, option)
}

function append(section: OpenSection, path: string, value: string, line: number, refuse: Refuse): void {
  const { holder, name, missing } = locate(section, path, 'an option', refuse)
  if (holder === undefined) throw refuse(missing)
  const option = holder.entries.get(name)
  if (!isOption(option)) throw refuse(`${path} += adds to an option that isn't there yet`)
  holder.entries.set(name, { ...option, line, value: `${option.value}, ${value}` })
}

/** Where an entry belongs, or why it belongs nowhere. */
type Located =
  | { readonly holder: OpenSection; readonly name: string; readonly missing: '' }
  | { readonly holder: undefined; readonly name: string; readonly missing: string }

/** A name with `/` in it stands for an entry of a section that is already there. */
function locate(section: OpenSection, path: string, what: string, refuse: Refuse): Located {
  if (section.nowhere !== undefined) throw refuse(section.nowhere)
  const names = path.includes('/') ? pathNames(path) : [path]
  const name = names.pop()
  if (name === undefined || name === '') throw refuse(`${what} has no name`)
  let holder = section
  for (const [place, parent] of names.entries()) {
    const next = holder.entries.get(parent)
    const missing = `${path} stands in a section ${parent} that isn't there`
    if (isOption(next) && place === names.length - 1) throw refuse(missing)
    if (!isSection(next)) return { holder: undefined, name, missing }
    holder = next as OpenSection
  }
  return { holder, name, missing: '' }
}
