import { type CfgEntry, type CfgSection, isOption, pathNames } from './cfg.ts'
import { SettingInvalid } from './errors.ts'

/**
 * The configuration that words such as `/DIRAC/Setup=Main` make, as DIRAC's `-o` takes them; the last word about an
 * option counts.
 *
 * @throws {SettingInvalid} a word has no `=`, no path that begins with `/`, or goes through an option
 */
export function settingsCfg(settings: readonly string[]): CfgSection {
  const root = new Map<string, CfgEntry>()
  for (const setting of settings) {
    const equals = setting.indexOf('=')
    const names = pathNames(setting.slice(0, equals))
    const option = names.pop()
    if (equals === -1 || !setting.startsWith('/') || option === undefined) throw new SettingInvalid(setting)
    let entries = root
    for (const name of names) {
      const entry = entries.get(name) ?? { comment: '', line: 0, entries: new Map<string, CfgEntry>() }
      if (isOption(entry)) throw new SettingInvalid(setting)
      entries.set(name, entry)
      entries = entry.entries as Map<string, CfgEntry>
    }
    if (entries.get(option) !== undefined && !isOption(entries.get(option))) throw new SettingInvalid(setting)
    entries.set(option, { comment: '', line: 0, value: setting.slice(equals + 1).trim() })
  }
  return { comment: '', line: 0, entries: root }
}
