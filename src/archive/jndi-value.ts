type Value = string | number | bigint | boolean

const wholeNumbers: Readonly<Record<string, readonly [bigint, bigint]>> = {
  Byte: [-(2n ** 7n), 2n ** 7n - 1n],
  Short: [-(2n ** 15n), 2n ** 15n - 1n],
  Integer: [-(2n ** 31n), 2n ** 31n - 1n],
  Long: [-(2n ** 63n), 2n ** 63n - 1n],
}
const primitives: Readonly<Record<string, string>> = { int: 'Integer', char: 'Character' }

/**
 * The text of a JNDI environment as the Java class named says.
 *
 * Known are the classes of `java.lang` for text, numbers, characters and truth, with or without their package. With
 * trouble the value is the text: `value` says that it is none of its type (or not one that JSON can carry), `type`
 * that the type is not known.
 */
export function readJndiValue(text: string, type: string): { value: Value; trouble?: 'value' | 'type' } {
  const value = convert(text, simpleName(type))
  if (value === 'type' || value === 'value') return { value: text, trouble: value }
  return { value: value.is }
}

function simpleName(type: string): string {
  const name = type.replace(/^java\.lang\./, '')
  if (Object.hasOwn(primitives, name)) return primitives[name] as string
  return /^[a-z]+$/.test(name) ? name.charAt(0).toUpperCase() + name.slice(1) : name
}

function convert(text: string, type: string): { is: Value } | 'type' | 'value' {
  const range = Object.hasOwn(wholeNumbers, type) ? wholeNumbers[type] : undefined
  if (range !== undefined) {
    // The longest number of any of the types has 20 characters; leading zeros may make it longer, to a point.
    if (!/^[+-]?\d{1,100}$/.test(text)) return 'value'
    const whole = BigInt(text.replace(/^\+/, ''))
    if (whole < range[0] || whole > range[1]) return 'value'
    const exact = Number(whole)
    return { is: Number.isSafeInteger(exact) ? exact : whole }
  }
  if (type === 'Float' || type === 'Double') {
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[fd]?$/i.test(text)) return 'value'
    const number = Number(text.replace(/[fd]$/i, ''))
    return Number.isFinite(number) ? { is: number } : 'value'
  }
  if (type === 'Boolean') {
    const word = text.toLowerCase()
    if (word === 'true' || word === '1') return { is: true }
    return word === 'false' || word === '0' ? { is: false } : 'value'
  }
  if (type === 'Character') return [...text].length === 1 ? { is: text } : 'value'
  return type === 'String' ? { is: text } : 'type'
}
