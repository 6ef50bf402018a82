import { type CfgSection, isSection, listOf, stripped } from './cfg.ts'
import { CfgUnwritable } from './errors.ts'

/**
 * The text of a configuration, as DIRAC writes it and reads it back: two blanks of indent, comments before their entry,
 * a list over several lines (`=`, then `+=`).
 *
 * As the format has no quoting, blanks around commas and empty items of a list are lost, as are the blanks around comments.
 *
 * @throws {CfgUnwritable} a name or value that would be read back as something else
 */
export function serializeCfg(section: CfgSection, indent = ''): string {
  let text = ''
  for (const [name, entry] of section.entries) {
    for (const line of entry.comment.split('\n').map(stripped)) {
      if (line !== '') text += `${indent}#${line}\n`
    }
    checkName(name)
    if (isSection(entry)) {
      text += `${indent}${name}\n${indent}{\n${serializeCfg(entry, `${indent}  `)}${indent}}\n`
      continue
    }
    if (entry.value.includes('\n')) throw new CfgUnwritable(name, 'its value has a line end')
    const [first = '', ...others] = listOf(entry.value)
    text += `${indent}${name} = ${first}\n`
    for (const item of others) text += `${indent}${name} += ${item}\n`
  }
  return text
}

function checkName(name: string): void {
  if (name === '') throw new CfgUnwritable(name, 'a name must not be empty')
  if (stripped(name) !== name) throw new CfgUnwritable(name, 'blanks at the ends of a name are lost')
  if (/[{}=/\n]/.test(name)) throw new CfgUnwritable(name, 'a name must not hold braces, =, / or line ends')
  if (name.startsWith('#')) throw new CfgUnwritable(name, 'a name must not begin with #')
}
