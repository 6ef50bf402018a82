import { deflateSync } from 'node:zlib'
import { type Settings, settingsFrom } from '../../gar/configuration/src/org/diligentproject/configuration/Settings.ts'
import { type CfgSection, optionAt, parseCfg, serializeCfg } from '../../src/cfg/index.ts'

/** The settings of a server by what its node's configuration says in `/DIRAC/Configuration`. */
export function serverSettings(
  options: Readonly<Record<string, string | readonly string[] | boolean | number>>,
): Settings {
  return settingsFrom(
    (path, otherwise) => (options[path.replace('/DIRAC/Configuration/', '')] ?? otherwise) as typeof otherwise,
  )
}

/** A configuration as a client sends it. */
export const packed = (root: CfgSection): Buffer => deflateSync(serializeCfg(root))

/** The value of an option, for short. */
export const at = (root: CfgSection, path: string): string | undefined => optionAt(root, path)?.value

/** The configuration with these lines added to its text. */
export const plus = (root: CfgSection, ...lines: readonly string[]): CfgSection =>
  parseCfg(`${serializeCfg(root)}\n${lines.join('\n')}`)
