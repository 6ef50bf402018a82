import { ConfigurationMissing } from './errors.ts'
import { fileStamp } from './file-stamp.ts'
import { type Layer, originOf } from './layers.ts'
import type { LocalFile } from './local-files.ts'
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
    const layers = this.files.flatMap(({ file, named }): Layer[] => {
      const root = readCfgFile(file)
      if (root === undefined && named) throw new ConfigurationMissing(file)
      return root === undefined ? [] : [{ name: file, root }]
    })
    return this.settings.length === 0 ? layers : [...layers, { name: commandLine, root: settingsCfg(this.settings) }]
  }

  /** Differs when one of the files was written, replaced, made or removed since. */
  stamp(): string {
    return this.files.map(({ file }) => fileStamp(file)).join('\n')
  }
}

/** The file that an option of these layers comes from; `main` for one that none has. */
export const fileOf =
  (layers: readonly Layer[], main: string) =>
  (path: string): string =>
    originOf(layers, path)?.file ?? main
