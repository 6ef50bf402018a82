import { readFileSync } from 'node:fs'
import type { CfgSection } from './cfg.ts'
import { ConfigurationUnreadable } from './errors.ts'
import { isZip, onlyFileIn } from './one-file-zip.ts'
import { parseCfg } from './parse-cfg.ts'

/**
 * The configuration in a file: a text in UTF-8, or a zip archive with one in it. Undefined when there is no such file.
 *
 * @throws {ConfigurationUnreadable} it is there and can't be read
 * @throws {CfgMalformed}
 */
export function readCfgFile(file: string): CfgSection | undefined {
  const text = textOf(file)
  return text === undefined ? undefined : parseCfg(text, file)
}

function textOf(file: string): string | undefined {
  try {
    const bytes = readFileSync(file)
    return (isZip(bytes) ? onlyFileIn(bytes) : bytes).toString('utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new ConfigurationUnreadable(file, message)
  }
}
