import type { CfgSection } from './cfg.ts'
import { CfgMalformed, ConfigurationMissing, ConfigurationUnreadable } from './errors.ts'
import { fileStamp } from './file-stamp.ts'
import { type Layer, mergeLayers, originOf } from './layers.ts'
import type { LocalFile } from './local-files.ts'
import { valueAt } from './options.ts'
import { readCfgFile } from './read-cfg-file.ts'
import { settingsCfg } from './settings.ts'

/** The name of the layer that `-o` makes. */
const commandLine = 'the command line'

/** What the configuration of a program is read from, now and whenever it is read again. */
export class CfgSources {
  constructor(
    /** The weakest first. */
    readonly files: readonly LocalFile[],
    /** What `-o` said, which wins over every file. */
    readonly settings: readonly string[] = [],
    /** The file with what a configuration server said last, weaker than all; counts only where servers are named. */
    readonly copy?: string,
  ) {}

  /**
   * The weakest first; files that aren't there and need not be are left out.
   *
   * @throws {ConfigurationMissing}
   * @throws {ConfigurationUnreadable}
   * @throws {CfgMalformed}
   * @throws {SettingInvalid}
   */
  layers(): readonly Layer[] {
    const local = this.localLayers()
    const isAsked = this.copy !== undefined && configurationServers(mergeLayers(local)).length > 0
    const remote = isAsked ? readCopy(this.copy as string) : undefined
    return remote === undefined ? local : [remote, ...local]
  }

  /** Without what a configuration server said. @throws as `layers` does */
  localLayers(): readonly Layer[] {
    const layers = this.files.flatMap(({ file, named }): Layer[] => {
      const root = readCfgFile(file)
      if (root === undefined && named) throw new ConfigurationMissing(file)
      return root === undefined ? [] : [{ name: file, root }]
    })
    return this.settings.length === 0 ? layers : [...layers, { name: commandLine, root: settingsCfg(this.settings) }]
  }

  /** Differs when one of the files was written, replaced, made or removed since. */
  stamp(): string {
    const files = this.files.map(({ file }) => file)
    return [...files, ...(this.copy === undefined ? [] : [this.copy])].map(fileStamp).join('\n')
  }
}

/** The addresses of the configuration servers that a configuration names. */
export const configurationServers = (root: CfgSection): readonly string[] =>
  valueAt(root, '/DIRAC/Configuration/Servers', [])

/** A copy that is damaged is none: the servers are asked for another one. */
function readCopy(file: string): Layer | undefined {
  try {
    const root = readCfgFile(file)
    return root && { name: file, root, remote: true }
  } catch (error) {
    if (error instanceof CfgMalformed || error instanceof ConfigurationUnreadable) return undefined
    throw error
  }
}

/** The file that an option of these layers comes from; `main` for one that none has. */
export const fileOf =
  (layers: readonly Layer[], main: string) =>
  (path: string): string =>
    originOf(layers, path)?.file ?? main
