import { type CfgEntry, type CfgSection, isOption, isSection, pathNames, stripped } from './cfg.ts'
import { CfgMalformed } from './errors.ts'

interface OpenSection extends CfgSection {
  readonly entries: Map<string, CfgEntry>
}

/**
 * Reads a configuration text as DIRAC reads it (docs/configuration.md, the grammar), with these differences: an entry
 * that DIRAC would drop or overwrite without a word is an error (an option in a parent section that isn't there, an
 * option with the name of a section), and a byte order mark at the start is ignored.
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

  const lines = (text.startsWith('\uFEFF') ? text.slice(1) : text).split('\n').map(stripped)
  for (const [index, line] of lines.entries()) {
    if (line === '') continue
    if (line.startsWith('#')) {
      comment += `${line.replaceAll('#', '')}\n`
      continue
    }
    const number = index + 1
    const refuse = (reason: string): CfgMalformed => new CfgMalformed(file, number, reason)
    const equals = line.indexOf('=')
    const appends = equals > 0 && line[equals - 1] === '+'
    const before = equals === -1 ? line : line.slice(0, appends ? equals - 1 : equals)

    for (const character of before) {
      if (character === '{') {
        const name = stripped(pending)
        const opened = newSection(comment, number)
        addSection(section, name, opened, refuse)
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
    else setOption(section, stripped(before), { comment, line: number, value }, refuse)
    comment = ''
    pending = ''
  }

  const open = outer.pop()
  if (open !== undefined) throw new CfgMalformed(file, open.line, `section ${open.name} is opened but never closed`)
  return root
}

type Refuse = (reason: string) => CfgMalformed

const newSection = (comment: string, line: number): OpenSection => ({ comment, line, entries: new Map() })

function addSection(parent: OpenSection, path: string, added: OpenSection, refuse: Refuse): void {
  const { holder, name } = locate(parent, path, 'a section', refuse)
  if (holder.entries.has(name)) throw refuse(`${path} is already there`)
  holder.entries.set(name, added)
}

function setOption(section: OpenSection, path: string, option: CfgEntry, refuse: Refuse): void {
  const { holder, name } = locate(section, path, 'an option', refuse)
  if (isSection(holder.entries.get(name))) throw refuse(`${path} is already there, as a section`)
  holder.entries.set(name, option)
}

function append(section: OpenSection, path: string, value: string, line: number, refuse: Refuse): void {
  const { holder, name } = locate(section, path, 'an option', refuse)
  const option = holder.entries.get(name)
  if (!isOption(option)) throw refuse(`${path} += adds to an option that isn't there yet`)
  holder.entries.set(name, { ...option, line, value: `${option.value}, ${value}` })
}

/** A name with `/` in it stands for an entry of a section that is already there. */
function locate(
  section: OpenSection,
  path: string,
  what: string,
  refuse: Refuse,
): { holder: OpenSection; name: string } {
  const names = path.includes('/') ? pathNames(path) : [path]
  const name = names.pop()
  if (name === undefined || name === '') throw refuse(`${what} has no name`)
  let holder = section
  for (const parent of names) {
    const next = holder.entries.get(parent)
    if (!isSection(next)) throw refuse(`${path} stands in a section ${parent} that isn't there`)
    holder = next as OpenSection
  }
  return { holder, name }
}
