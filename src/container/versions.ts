import { satisfies, valid, validRange } from 'semver'

/**
 * Compares two versions as their writers mean them: semantic ones, `1.0`, and gCube's `2.3.1-4.4.0` (a component's
 * version, then the release it came with). Numbers compare as numbers, a missing one is 0, and a word such as
 * `SNAPSHOT` or `rc` comes before the release it names.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = compareParts(left[i] ?? 0, right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/**
 * The version that a dependency means: the one that is written the same, else one that is equal, else the newest in the
 * range that it is. Ranges are npm's (`^1.0`, `1.0` is `1.0.x`, `*`) or Maven's (`[1.0,2.0)`).
 */
export function chooseVersion<Offer extends { readonly version: string }>(
  wanted: string,
  offers: readonly Offer[],
): Offer | undefined {
  const same = offers.find(({ version }) => version === wanted)
  const equal = () => offers.find(({ version }) => isVersion(wanted) && compareVersions(version, wanted) === 0)
  return same ?? equal() ?? newest(offers.filter(({ version }) => isInRange(version, wanted)))
}

export function newest<Offer extends { readonly version: string }>(offers: readonly Offer[]): Offer | undefined {
  return offers.toSorted((a, b) => compareVersions(b.version, a.version))[0]
}

const isVersion = (text: string): boolean => /^v?\d/.test(text)

function partsOf(version: string): (number | string)[] {
  return (version.toLowerCase().match(/\d+|[a-z]+/g) ?? []).map((part) => (/\d/.test(part) ? Number(part) : part))
}

function compareParts(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  return typeof a === 'string' ? -1 : 1
}

function isInRange(version: string, range: string): boolean {
  const maven = /^([[(])\s*([^,]*?)\s*,\s*([^,]*?)\s*([\])])$/.exec(range.trim())
  if (maven !== null) {
    const [, opening, from = '', to = '', closing] = maven
    const low = from === '' ? 1 : compareVersions(version, from)
    const high = to === '' ? -1 : compareVersions(version, to)
    return (low > 0 || (low === 0 && opening === '[')) && (high < 0 || (high === 0 && closing === ']'))
  }
  // Trailing text makes no range: `2.3.1-4.4.0` is one version.
  if (validRange(range) === null) return false
  return satisfies(asSemantic(version), range)
}

/** `1.0` as `1.0.0`; `2.3.1-4.4.0` as `2.3.1`, which for semver would be a version before 2.3.1. */
function asSemantic(version: string): string {
  const [numbers = '', ...rest] = version.replace(/^v/, '').split(/[-+]/)
  const [major = '0', minor = '0', patch = '0'] = numbers.split('.')
  const tail = rest.join('-')
  const semantic = `${Number(major) || 0}.${Number(minor) || 0}.${Number(patch) || 0}`
  const marked = /^[a-z]/i.test(tail) ? `${semantic}-${tail}` : semantic
  return valid(marked) ?? semantic
}
