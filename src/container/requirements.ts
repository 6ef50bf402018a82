import type { Requirement } from '../archive/service-profile.ts'
import { compareVersions } from './versions.ts'

/** What this node is, for the requirements of packages. */
export interface NodeFacts {
  /**
   * By the words of a node's profile, such as `OperatingSystem.Name` or `MainMemory.RAMAvailable` (MB).
   *
   * @see gcube.md 4.3 for all of them
   */
  readonly facts: Readonly<Record<string, string | number>>
  /** Its run-time environment: the variables of `customDHNlabels.xml`. */
  readonly labels: Readonly<Record<string, string>>
}

export interface CheckedRequirement {
  /** Such as `MainMemory RAMAvailable ge 2048`. */
  readonly text: string
  readonly met: boolean
  /** What the node has; absent when it has no such thing. */
  readonly actual?: string
}

/**
 * Checks each requirement against the node.
 *
 * What it speaks of is looked for by category and requirement together, then by the requirement, then by the category,
 * first among the node's facts, then its labels; letter case, dots, dashes and underscores don't count. Categories about
 * the run-time environment mean labels only. Of what the node doesn't have only `ne` is true.
 */
export function checkRequirements(requirements: readonly Requirement[], node: NodeFacts): CheckedRequirement[] {
  return requirements.map((requirement) => {
    const actual = find(requirement, node)
    const { category, requirement: name, operator, value } = requirement
    const text = [category, name, operator, operator === 'exist' ? '' : value].filter((word) => word !== '').join(' ')
    const met = isMet(requirement, actual)
    return actual === undefined ? { text, met } : { text, met, actual: String(actual) }
  })
}

function isMet({ operator, value }: Requirement, actual: string | number | undefined): boolean {
  if (operator === 'exist') return actual !== undefined
  if (actual === undefined) return operator === 'ne'
  const order = compare(actual, value.trim())
  switch (operator) {
    case 'eq':
      return order === 0
    case 'ne':
      return order !== 0
    case 'ge':
      return order >= 0
    case 'gt':
      return order > 0
    case 'le':
      return order <= 0
    case 'lt':
      return order < 0
  }
}

/** Numbers as numbers, what begins with a digit as a version (`1.10` comes after `1.9`), all else as text in any case. */
function compare(actual: string | number, value: string): number {
  if (typeof actual === 'number' && Number.isFinite(Number(value)) && value !== '') return actual - Number(value)
  const text = String(actual).trim()
  if (/^v?\d/.test(text) && /^v?\d/.test(value)) return compareVersions(text, value)
  const [a, b] = [text.toLowerCase(), value.toLowerCase()]
  return a < b ? -1 : a > b ? 1 : 0
}

function find({ category, requirement }: Requirement, node: NodeFacts): string | number | undefined {
  const names = [`${category}${requirement}`, requirement, category].map(plain).filter((name) => name !== '')
  const facts = isRuntimeEnvironment(category) ? [] : Object.entries(node.facts)
  const labels = Object.entries(node.labels)
  for (const name of names) {
    const fact = facts.find(([key]) => plain(key) === name || plain(known[name] ?? '') === plain(key))
    const found = fact ?? labels.find(([key]) => plain(key) === name)
    if (found !== undefined) return found[1]
  }
  return undefined
}

const isRuntimeEnvironment = (category: string): boolean => /^runtimeenv/.test(plain(category))

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '')

/** Shorter words that profiles use for the facts of a node. */
const known: Readonly<Record<string, string>> = {
  os: 'OperatingSystem.Name',
  platform: 'Architecture.PlatformType',
  cpu: 'Architecture.SMPSize',
  cpucount: 'Architecture.SMPSize',
  processornum: 'Architecture.SMPSize',
  memory: 'MainMemory.RAMSize',
  ram: 'MainMemory.RAMSize',
  memramsize: 'MainMemory.RAMSize',
  memramavailable: 'MainMemory.RAMAvailable',
  memvirtualsize: 'MainMemory.VirtualSize',
  memvirtualavailable: 'MainMemory.VirtualAvailable',
  diskspace: 'LocalAvailableSpace',
  host: 'Name',
  ghntype: 'Type',
  sitelocation: 'Site.Location',
  sitecountry: 'Site.Country',
  sitedomain: 'Site.Domain',
}
