import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { closingBracket, maskedSource } from './masked-source.ts'

/** A source file, and the same with all that is no code blanked out. */
interface Source {
  readonly file: string
  readonly text: string
  readonly masked: string
}

/** A class: where its body stands in its source, and the names that it is derived from, the nearest first. */
interface ClassAt {
  readonly source: Source
  readonly from: number
  readonly to: number
  readonly bases: readonly string[]
}

/**
 * The bodies of the class that a module exports and of those that it inherits from, the class itself first, as far as they
 * stand in source files of the service: an import of a package ends the line. A function that makes a class counts as that
 * class, so that mixins are seen.
 *
 * Nothing is run. Where the class can't be found the whole module stands for it.
 */
export function handlerClasses(file: string, className: string): readonly string[] {
  const module = read(file)
  const found = exported(module, className) ?? exported(module, 'default')
  return found === undefined ? [module.text] : lineOf(found, new Set()).map(bodyOf)
}

const read = (file: string): Source => {
  const text = readFileSync(file, 'utf8')
  return { file, text, masked: maskedSource(text) }
}

const bodyOf = ({ source, from, to }: ClassAt): string => source.text.slice(from, to)

function lineOf(one: ClassAt, seen: Set<string>): readonly ClassAt[] {
  const key = `${one.source.file}:${one.from}`
  if (seen.has(key)) return []
  seen.add(key)
  const bases = one.bases.map((name) => known(one.source, name)).filter((base) => base !== undefined)
  return [one, ...bases.flatMap((base) => lineOf(base, seen))]
}

/** The class that others see under `name`. */
function exported(source: Source, name: string, tried = new Set<string>()): ClassAt | undefined {
  const key = `${source.file}:${name}`
  if (tried.has(key)) return undefined
  tried.add(key)
  if (name === 'default') {
    const keyword = /\bexport\s+default\s+(?:abstract\s+)?(?=class\b)/.exec(source.masked)
    if (keyword !== null) return classFrom(source, keyword.index + keyword[0].length)
    const local = /\bexport\s+default\s+([\w$]+)/.exec(source.masked)?.[1]
    if (local !== undefined) return known(source, local, tried)
  } else if (declared(source, name) !== undefined) return declared(source, name)
  const lists = [...source.masked.matchAll(/\bexport\s*\{([^}]*)\}(\s*from\b)?/g)].map(
    ({ 0: text, 1: list = '', 2: from, index }) => ({ list, from: from && specifierAt(source, index + text.length) }),
  )
  for (const { list, from } of lists) {
    const inner = renamed(list).find(([, outer]) => outer === name)?.[0]
    if (inner === undefined) continue
    return from === undefined ? known(source, inner, tried) : exportedBy(source, from, inner, tried)
  }
  for (const { 0: text, index } of source.masked.matchAll(/\bexport\s*\*\s*from\b/g)) {
    const found = exportedBy(source, specifierAt(source, index + text.length), name, tried)
    if (found !== undefined) return found
  }
  return undefined
}

/** The class that goes by `name` inside a module: its own, or one that it imports. */
function known(source: Source, name: string, tried?: Set<string>): ClassAt | undefined {
  const own = declared(source, name)
  if (own !== undefined) return own
  const [first = '', member] = name.split('.')
  for (const { 0: text, 1: clause = '', index } of source.masked.matchAll(/\bimport\s+([\w$\s{},*]+?)\s*\bfrom\b/g)) {
    const from = specifierAt(source, index + text.length)
    const all = /\*\s*as\s+([\w$]+)/.exec(clause)?.[1]
    if (all === first && member !== undefined) return exportedBy(source, from, member, tried)
    const list = renamed(/\{([^}]*)\}/.exec(clause)?.[1] ?? '')
    const whole = /^(?!type\s+[\w${])([\w$]+)/.exec(clause)?.[1]
    const inner = whole === first ? 'default' : list.find(([, local]) => local === first)?.[0]
    if (inner !== undefined) return exportedBy(source, from, inner, tried)
  }
  return undefined
}

function declared(source: Source, name: string): ClassAt | undefined {
  const word = name.replaceAll('$', '\\$')
  const declaration = new RegExp(`\\bclass\\s+${word}(?![\\w$])|\\b(?:function|const|let|var)\\s+${word}(?![\\w$])`)
  const found = declaration.exec(source.masked)
  return found === null ? undefined : classFrom(source, found.index)
}

/** The first class in the declaration that begins at `index`, which ends before the next line that isn't indented. */
function classFrom(source: Source, index: number): ClassAt | undefined {
  const { masked } = source
  const declaration = /[\s\S]*?(?=\n(?![\s)\]}>])|$)/.exec(masked.slice(index))?.[0] ?? ''
  const keyword = declaration.search(/\bclass\b/)
  if (keyword === -1) return undefined
  const head = index + keyword
  let from = head
  while (from < masked.length && masked[from] !== '{')
    from = '(<['.includes(masked[from] as string) ? closingBracket(masked, from) + 1 : from + 1
  return { source, from, to: closingBracket(masked, from) + 1, bases: basesIn(masked.slice(head, from)) }
}

/** The names behind `extends`: several where functions derive one class from another. */
function basesIn(head: string): readonly string[] {
  const heritage = /\bextends\b([\s\S]*?)(?:\bimplements\b[\s\S]*)?$/.exec(withoutTypes(head))?.[1] ?? ''
  return heritage.match(/[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*/g) ?? []
}

function withoutTypes(head: string): string {
  const open = head.indexOf('<')
  return open === -1 ? head : head.slice(0, open) + withoutTypes(head.slice(closingBracket(head, open) + 1))
}

/** `a, b as c` as pairs: what it is called there, and here. */
const renamed = (list: string): readonly (readonly [string, string])[] =>
  list.split(',').map((item) => {
    const [there = '', here = there] = item
      .trim()
      .replace(/^type\s+/, '')
      .split(/\s+as\s+/)
    return [there, here]
  })

const specifierAt = ({ text }: Source, index: number): string => /^\s*(['"])(.*?)\1/.exec(text.slice(index))?.[2] ?? ''

function exportedBy(source: Source, from: string, name: string, tried?: Set<string>): ClassAt | undefined {
  const file = /^\.\.?\//.test(from) ? fileOf(resolve(dirname(source.file), from)) : undefined
  return file === undefined ? undefined : exported(read(file), name, tried)
}

/** The file that an import means: `./base`, `./base.ts`, and `./base.js` for what will be one. */
function fileOf(path: string): string | undefined {
  const stem = path.replace(/\.([mc]?)js$/, '.$1ts')
  const candidates = [path, stem, ...endings.flatMap((ending) => [path + ending, join(path, `index${ending}`)])]
  return candidates.find((file) => existsSync(file) && statSync(file).isFile())
}

const endings = ['.ts', '.mts', '.js', '.mjs']
