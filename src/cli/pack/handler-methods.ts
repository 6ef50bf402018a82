import { closingBracket, maskedSource, outermost } from './masked-source.ts'

export interface HandlerMethod {
  /** Without `export_`. */
  readonly name: string
  /** The comment before it, as it stands; empty when there is none. */
  readonly comment: string
  readonly parameters: readonly HandlerParameter[]
  /** The type of the value of its S_OK, where the handler says it in words that mean the same elsewhere. */
  readonly value: string
}

export interface HandlerParameter {
  readonly name: string
  readonly type: string
  readonly optional: boolean
  readonly rest: boolean
}

/** Types that mean the same in every module, and those that `dhn/client` has. */
const known = new Set(
  (
    'string number boolean bigint unknown any null undefined void object never true false readonly keyof typeof ' +
    'Array ReadonlyArray Record Partial Readonly Pick Omit Map ReadonlyMap Set Date Buffer Uint8Array Promise ' +
    'Float PlainDate'
  ).split(' '),
)

/**
 * The remote methods of a handler by its source: what stands as `export_<name>(…)` in a class, in its order, each name once:
 * what a class overrides counts where it stands before the one that it inherits from.
 *
 * Types are taken over as they are written where they need nothing that the source declares or imports; else they are `unknown`.
 */
export function handlerMethods(source: string): readonly HandlerMethod[] {
  const masked = maskedSource(source)
  const methods = new Map<string, HandlerMethod>()
  for (const found of masked.matchAll(/(?<=[\s;{}*])export_([A-Za-z_$][\w$]*)\s*(?:=\s*(?:async\s*)?)?(?=[(<])/g)) {
    const [{ length }, name = ''] = found
    const from = found.index + length
    const opened = masked[from] === '<' ? masked.indexOf('(', closingBracket(masked, from)) : from
    const closed = closingBracket(masked, opened)
    const type = returnType(source, masked, closed + 1)
    // A call of the method has no body behind it.
    if (methods.has(name) || !/^\s*(?:\{|=>)/.test(masked.slice(type.end))) continue
    methods.set(name, {
      name,
      comment: commentBefore(source, masked, found.index),
      parameters: parametersIn(source.slice(opened + 1, closed), masked.slice(opened + 1, closed)),
      value: valueType(type.text),
    })
  }
  return [...methods.values()]
}

function parametersIn(source: string, masked: string): readonly HandlerParameter[] {
  const commas = [-1, ...outermost(masked, ','), masked.length]
  const parts = commas.slice(0, -1).map((comma, place) => [comma + 1, commas[place + 1] as number] as const)
  return parts
    .map(([from, to]) => parameterOf(source.slice(from, to), masked.slice(from, to)))
    .filter((parameter) => parameter !== undefined)
    .map((parameter, place) => (parameter.name === '' ? { ...parameter, name: `argument${place + 1}` } : parameter))
}

function parameterOf(source: string, masked: string): HandlerParameter | undefined {
  if (masked.trim() === '' || /^\s*this\s*:/.test(masked)) return undefined
  const [equals = -1] = outermost(masked, '=').filter((at) => masked[at + 1] !== '>')
  const declared = equals === -1 ? masked : masked.slice(0, equals)
  const [colon = -1] = outermost(declared, ':')
  const name = (colon === -1 ? declared : declared.slice(0, colon)).trim()
  const rest = name.startsWith('...')
  const word = /^(?:\.\.\.)?([A-Za-z_$][\w$]*)(\?)?$/.exec(name)
  const type = colon === -1 ? '' : source.slice(colon + 1, equals === -1 ? undefined : equals).trim()
  const otherwise = equals === -1 ? '' : source.slice(equals + 1).trim()
  return {
    name: word?.[1]?.replace(/^_+(?=[A-Za-z])/, '') ?? '',
    type: type === '' ? typeOfLiteral(otherwise, rest) : ownType(type, rest ? 'unknown[]' : 'unknown'),
    optional: word?.[2] === '?' || equals !== -1,
    rest,
  }
}

function typeOfLiteral(text: string, rest: boolean): string {
  if (rest) return 'unknown[]'
  if (/^-?\d[\d_.]*$/.test(text)) return 'number'
  if (/^(?:true|false)$/.test(text)) return 'boolean'
  return /^(['"`]).*\1$/s.test(text) ? 'string' : 'unknown'
}

/** From behind the parameters to where the body begins. */
function returnType(source: string, masked: string, from: number): { readonly text: string; readonly end: number } {
  const colon = /^\s*:/.exec(masked.slice(from))
  if (colon === null) return { text: '', end: from }
  let at = from + colon[0].length
  for (let complete = false; at < masked.length; at += 1) {
    const sign = masked[at] as string
    if (complete && (sign === '{' || masked.startsWith('=>', at))) break
    if ('([{<'.includes(sign)) {
      at = closingBracket(masked, at)
      complete = true
    } else if (/[|&]/.test(sign)) complete = false
    else if (/\S/.test(sign)) complete = true
  }
  return { text: source.slice(from + colon[0].length, at).trim(), end: at }
}

/** `number` of `Promise<ReturnStructure<number>>`. */
function valueType(type: string): string {
  const promised = /^Promise<([\s\S]*)>$/.exec(type)?.[1]?.trim() ?? type
  const value = /^Return(?:Structure|Ok)<([\s\S]*)>$/.exec(promised)?.[1]?.trim()
  return value === undefined ? 'unknown' : ownType(value, 'unknown')
}

/** A type that needs nothing around it, or `otherwise`. */
function ownType(type: string, otherwise: string): string {
  const words = maskedSource(type).replace(/[A-Za-z_$][\w$]*\s*\??\s*:/g, ' ')
  const foreign = [...words.matchAll(/[A-Za-z_$][\w$]*/g)].some(([word]) => !known.has(word))
  return foreign || /\/[/*]/.test(type) ? otherwise : type.replace(/\s+/g, ' ')
}

/** The comment that stands before a method, past its modifiers and the field that says who may call it. */
function commentBefore(source: string, masked: string, index: number): string {
  const start = masked.slice(0, index).replace(/(?:\b(?:public|override|async)\b|\*|\s)+$/, '').length
  const rule = /auth_\w+\s*=\s*\[[^\]]*\]\s*;?$/.exec(masked.slice(0, start))
  const before = source.slice(0, rule === null ? index : rule.index)
  return /\/\*\*(?:(?!\*\/)[\s\S])*\*\/(?=\s*(?:(?:public|override|async|\*)\s*)*$)/.exec(before)?.[0] ?? ''
}
