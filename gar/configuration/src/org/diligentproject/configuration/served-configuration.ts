import { deflateSync, inflateSync } from 'node:zlib'
import { type CfgEntry, type CfgSection, isSection, optionAt, parseCfg, pathNames, serializeCfg } from 'dhn/cfg'

// What a configuration says of itself, below `/DIRAC/Configuration`, and how it travels.

const own = '/DIRAC/Configuration'
/** A configuration that is larger than this is no configuration. */
const longest = 32 * 1024 * 1024

export type OwnOption =
  | 'Name'
  | 'Version'
  | 'Servers'
  | 'MasterServer'
  | 'EnableAutoMerge'
  | 'PropagationTime'
  | 'SlavesGraceTime'

export const ownOption = (root: CfgSection, name: OwnOption): string | undefined =>
  optionAt(root, `${own}/${name}`)?.value

/** `"0"` for a configuration that has none. */
export const versionOf = (root: CfgSection): string => ownOption(root, 'Version') || '0'

export const withOwnOption = (root: CfgSection, name: OwnOption, value: string): CfgSection =>
  withOption(root, pathNames(`${own}/${name}`), value)

/** zlib's format, level 9, as DIRAC has it. */
export const compressed = (root: CfgSection): Buffer => deflateSync(serializeCfg(root), { level: 9 })

/**
 * @param from where it comes from, for errors
 * @throws what zlib or the grammar finds wrong with it
 */
export const decompressed = (data: Buffer, from: string): CfgSection =>
  parseCfg(inflateSync(data, { maxOutputLength: longest }).toString('utf8'), from)

/**
 * A version after `before`: the time in UTC with microseconds, as DIRAC writes it. Clients compare versions as texts, so that
 * it is later than `before` also where a clock went back.
 */
export function versionAfter(before: string, now: number = Date.now()): string {
  const version = versionText(BigInt(now) * 1000n)
  return version > before ? version : versionText(microsecondsOf(before) + 1n)
}

const versionText = (microseconds: bigint): string => {
  const [date, time] = new Date(Number(microseconds / 1_000_000n) * 1000).toISOString().split(/[T.]/)
  return `${date} ${time}.${String(microseconds % 1_000_000n).padStart(6, '0')}`
}

/** The fraction is not there where it is 0. */
function microsecondsOf(version: string): bigint {
  const [seconds = '', fraction = ''] = version.split('.')
  const milliseconds = Date.parse(`${seconds.replace(' ', 'T')}Z`)
  return Number.isNaN(milliseconds) ? 0n : BigInt(milliseconds) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'))
}

function withOption(section: CfgSection, [name = '', ...deeper]: readonly string[], value: string): CfgSection {
  const entries = new Map(section.entries)
  const found = entries.get(name)
  const comment = found?.comment ?? ''
  const inner = isSection(found) ? found : { comment, line: 0, entries: new Map<string, CfgEntry>() }
  entries.set(name, deeper.length === 0 ? { comment, line: 0, value } : withOption(inner, deeper, value))
  return { ...section, entries }
}
