import { type CfgSection, isSection } from './cfg.ts'

/**
 * A configuration as nested JSON objects of texts. Written by hand, as an object of JavaScript would put names that look
 * like numbers first.
 */
export function cfgJson(section: CfgSection, indent = ''): string {
  const inner = `${indent}  `
  const lines = [...section.entries].map(([name, entry]) => {
    const value = isSection(entry) ? cfgJson(entry, inner) : JSON.stringify(entry.value)
    return `${inner}${JSON.stringify(name)}: ${value}`
  })
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`
}
