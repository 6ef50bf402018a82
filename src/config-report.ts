import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type CfgSection, isSection } from './cfg/cfg.ts'
import { fileOf } from './cfg/cfg-sources.ts'
import { ConfigurationMissing } from './cfg/errors.ts'
import { describedServices } from './cfg/https-services.ts'
import { type Layer, mergeLayers, originOf } from './cfg/layers.ts'
import { defaultText, invalidOptions, unknownOptions } from './cfg/option-table.ts'
import { entryAt, optionAt } from './cfg/options.ts'
import { readCfgFile } from './cfg/read-cfg-file.ts'
import type { ConfigurationFinding, ConfigurationReports, ShownOption } from './cli/roof.ts'
import { type GivenSources, sourcesInUse } from './config.ts'
import { everyOption } from './config-options.ts'
import { Registry } from './security/authorization/registry.ts'
import { type ErrorData, errorAsData } from './service/errors.ts'

/**
 * Every option of the configuration of the node at `root`, in the order of the merged text, with where it comes from.
 *
 * @param defaults with the options of `/DHN` that nobody has written
 * @throws as `CfgSources.layers` does
 */
function shownOptions(root: string, given: GivenSources, defaults: boolean): readonly ShownOption[] {
  const layers = sourcesInUse(root, given).layers()
  const merged = mergeLayers(layers)
  const written = optionsBelow(merged, '').map(({ path, value }) => ({ path, value, ...originOf(layers, path) }))
  if (!defaults) return written
  const others = everyOption.filter(({ path }) => entryAt(merged, path) === undefined)
  return [...written, ...others.map(({ path, otherwise }) => ({ path, value: defaultText(otherwise) }))]
}

/** @throws {ConfigurationMissing} @throws {ConfigurationUnreadable} @throws {CfgMalformed} */
function cfgFile(file: string): CfgSection {
  const root = readCfgFile(file)
  if (root === undefined) throw new ConfigurationMissing(file)
  return root
}

/**
 * Everything that is wrong with the configuration of the node at `root`, or with one file alone. A text that can't be read
 * is one error, at its first line that can't.
 */
function checkConfiguration(root: string, given: GivenSources, alone?: string): readonly ConfigurationFinding[] {
  const findings: ConfigurationFinding[] = []
  const layers = attempt(
    () => (alone === undefined ? sourcesInUse(root, given).layers() : [{ name: alone, root: cfgFile(alone) }]),
    findings,
  )
  if (layers === undefined) return findings
  const merged = attempt(() => mergeLayers(layers), findings)
  if (merged === undefined) return findings
  const file = fileOf(layers, alone ?? '')
  for (const error of invalidOptions(merged, everyOption, file)) findings.push(asFinding(error))
  for (const { path, line, message } of new Registry(merged).problems) {
    findings.push({ level: 'error', message, file: file(path), line })
  }
  return [...findings, ...layers.flatMap(lostIn), ...layers.flatMap(unknownIn), ...lostModules(merged, file, root)]
}

/** Services that a start would try to begin, without their module. */
function lostModules(merged: CfgSection, file: (path: string) => string, root: string): ConfigurationFinding[] {
  return describedServices(merged).flatMap(({ section, isHttps, handlerPath = '' }) => {
    if (!isHttps || handlerPath === '' || handlerPath.endsWith('.py') || existsSync(resolve(root, handlerPath)))
      return []
    const path = `${section}/HandlerPath`
    const line = optionAt(merged, path)?.line ?? 0
    const message = `${path}: there is no file ${resolve(root, handlerPath)}`
    return [{ level: 'error', message, file: file(path), line }]
  })
}

const lostIn = ({ name: file, root }: Layer): ConfigurationFinding[] =>
  (root.lost ?? []).map(({ line, text: message }) => ({ level: 'warning', message, file, line }))

const unknownIn = ({ name: file, root }: Layer): ConfigurationFinding[] =>
  unknownOptions(root, '/DHN', everyOption).map(({ line, text: message }) => ({
    level: 'warning',
    message,
    file,
    line,
  }))

function attempt<T>(work: () => T, findings: ConfigurationFinding[]): T | undefined {
  try {
    return work()
  } catch (error) {
    findings.push(asFinding(error))
    return undefined
  }
}

/** File and line stand beside the message, not in it. */
function asFinding(error: unknown): ConfigurationFinding {
  const { message, facts = {} }: ErrorData = errorAsData(error)
  const { file, line } = facts as { file?: string; line?: number }
  const place = file === undefined || line === undefined ? '' : `${file}, line ${line}: `
  return {
    level: 'error',
    message: message.startsWith(place) ? message.slice(place.length) : message,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  }
}

function optionsBelow(section: CfgSection, path: string): { path: string; value: string }[] {
  return [...section.entries].flatMap(([name, entry]) =>
    isSection(entry) ? optionsBelow(entry, `${path}/${name}`) : [{ path: `${path}/${name}`, value: entry.value }],
  )
}

/** What the commands are given. */
export const configurationReports = {
  show: async (root, from, defaults) => shownOptions(root, from, defaults),
  check: async (root, from, alone) => checkConfiguration(root, from, alone),
  file: async (file) => cfgFile(file),
} satisfies ConfigurationReports
