/** How many arguments a function takes: at least, and at most. */
export interface ArgumentCount {
  readonly least: number
  readonly most: number
}

/**
 * The count that a function's parameters say, as Python reads a signature: one with a default may be left out, behind `...`
 * come any number. Of a function whose text can't be seen only the least is known.
 */
export function argumentCount(method: (...args: never[]) => unknown): ArgumentCount {
  const parameters = topLevelParameters(Function.prototype.toString.call(method))
  if (parameters === undefined || parameters.some((one) => rest.test(one)))
    return { least: method.length, most: Number.POSITIVE_INFINITY }
  return { least: method.length, most: parameters.length }
}

const rest = /^(?:\/\*[\s\S]*?\*\/|\/\/.*\n|\s)*\.\.\./
const loneParameter = /^(?:async\s+)?([\w$]+)\s*=>/
const opening = new Set('([{')
const closing = new Set(')]}')

/** The parameters of a method's text, each as written; undefined when they can't be told from it. */
function topLevelParameters(source: string): readonly string[] | undefined {
  const lone = loneParameter.exec(source)?.[1]
  if (lone !== undefined) return [lone]
  const start = source.indexOf('(')
  if (start === -1 || source.includes('[native code]')) return undefined
  const parameters: string[] = []
  let depth = 0
  let from = start + 1
  for (let at = from; at < source.length; at++) {
    const sign = source[at] as string
    const next = pastQuoted(source, at)
    if (next === undefined) return undefined
    if (next > at) at = next
    else if (opening.has(sign)) depth++
    else if (sign === ',' && depth === 0) {
      parameters.push(source.slice(from, at).trim())
      from = at + 1
    } else if (closing.has(sign)) {
      if (depth === 0) return [...parameters, source.slice(from, at).trim()].filter((one) => one !== '')
      depth--
    }
  }
  return undefined
}

/** The place of the last sign of a text or comment that begins here, `at` when none does; undefined when it has no end. */
function pastQuoted(source: string, at: number): number | undefined {
  const two = source.slice(at, at + 2)
  const sign = source[at] as string
  if (two === '/*') return ended(source.indexOf('*/', at + 2), 1)
  if (two === '//') return ended(source.indexOf('\n', at), 0)
  if (!'\'"`'.includes(sign)) return at
  for (let end = at + 1; end < source.length; end++) {
    if (source[end] === '\\') end++
    else if (source[end] === sign) return end
  }
  return undefined
}

const ended = (at: number, more: number): number | undefined => (at === -1 ? undefined : at + more)
