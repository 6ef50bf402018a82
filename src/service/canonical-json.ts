import { SharedValueInvalid } from './shared-errors.ts'

const deepest = 100

/**
 * The JSON text of a value, the keys of objects sorted by code unit: the same for the same value, whoever writes it.
 * Members that are undefined are left out, `-0` is `0`.
 *
 * @throws {SharedValueInvalid} the value would come back as another one
 */
export function canonicalJson(value: unknown): string {
  return textOf(value, 'value', 0)
}

function textOf(value: unknown, at: string, depth: number): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (typeof value !== 'object') throw new SharedValueInvalid(at, nameOf(value))
  if (depth === deepest) throw new SharedValueInvalid(at, 'nested too deep, or in itself')
  if (Array.isArray(value)) {
    // Not by map, which passes over what a list lacks.
    const items = Array.from(value, (item: unknown, index) => textOf(item, `${at}[${index}]`, depth + 1))
    return `[${items.join(',')}]`
  }
  if (!isPlain(value)) throw new SharedValueInvalid(at, `an object of the class ${value.constructor?.name}`)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${textOf(member, `${at}.${name}`, depth + 1)}`)
  return `{${members.join(',')}}`
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  // Of another realm too, as objects of the module vm are.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const nameOf = (value: unknown): string =>
  value === undefined || typeof value === 'number' ? String(value) : `a ${typeof value}`
