/**
 * A regular expression that is matched against a whole text in time that grows with text times pattern, never faster:
 * all the states it can be in are carried along (Thompson 1968), nothing is tried and taken back.
 *
 * POSIX extended syntax as `.namespaces` files use it: literals, `.`, classes with ranges and `[:alpha:]`, `* + ?`,
 * `{m,n}`, groups, `|`, `\` before punctuation, `\d \w \s`, and `^`, `$` at the ends. Look-around, back references and
 * lazy marks don't exist here.
 */
export class LinearRegex {
  readonly #program: readonly Instruction[]
  /** Sets of states met so far and where each character leads from them: most texts begin alike. */
  #known = new Map<string, StateSet>()
  #remembered = 0

  /** @throws {SyntaxError} the pattern isn't in that syntax, or is larger than 20,000 states */
  constructor(pattern: string) {
    this.#program = [...new Compiler(pattern).compile(), { kind: 'match' }]
  }

  matches(text: string): boolean {
    let states = this.#from([0])
    for (const character of text) {
      if (states.list.length === 0) return false
      states = states.next.get(character) ?? this.#step(states, character)
    }
    return states.matches
  }

  #step(states: StateSet, character: string): StateSet {
    const starts: number[] = []
    for (const at of states.list) {
      const instruction = this.#program[at] as Instruction
      if (instruction.kind === 'character' && instruction.accepts(character)) starts.push(at + 1)
    }
    // Texts come from anybody: what is remembered of them has to stay small.
    if (++this.#remembered > MAX_REMEMBERED) {
      this.#known = new Map()
      this.#remembered = 1
    }
    const next = this.#from(starts)
    states.next.set(character, next)
    return next
  }

  #from(starts: readonly number[]): StateSet {
    const key = starts.join()
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const made = reach(this.#program, starts)
    this.#known.set(key, made)
    return made
  }
}

/** Steps from one set of states to another. */
const MAX_REMEMBERED = 1000

type Accepts = (character: string) => boolean
type Instruction =
  | { readonly kind: 'character'; readonly accepts: Accepts }
  /** Goes on at both offsets from here. */
  | { readonly kind: 'split'; readonly a: number; readonly b: number }
  | { readonly kind: 'jump'; readonly to: number }
  | { readonly kind: 'match' }

interface StateSet {
  readonly list: readonly number[]
  readonly matches: boolean
  readonly next: Map<string, StateSet>
}

/** The states reached from these without reading a character. */
function reach(program: readonly Instruction[], starts: readonly number[]): StateSet {
  const seen = new Uint8Array(program.length)
  const list: number[] = []
  let matches = false
  const pending = [...starts]
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (seen[at] === 1) continue
    seen[at] = 1
    const instruction = program[at] as Instruction
    if (instruction.kind === 'jump') pending.push(at + instruction.to)
    else if (instruction.kind === 'split') pending.push(at + instruction.a, at + instruction.b)
    else if (instruction.kind === 'match') matches = true
    else list.push(at)
  }
  return { list, matches, next: new Map() }
}

const MAX_STATES = 20_000
const MAX_DEPTH = 50

class Compiler {
  #at = 0
  #depth = 0
  constructor(private readonly pattern: string) {}

  compile(): Instruction[] {
    if (this.pattern.length > 4096) this.fail('too long')
    if (this.pattern[0] === '^') this.#at++
    const program = this.#alternatives()
    if (this.#at < this.pattern.length) this.fail('a ) without its (')
    return program
  }

  fail(problem: string): never {
    throw new SyntaxError(`${problem} in the expression ${JSON.stringify(this.pattern.slice(0, 200))}`)
  }

  #alternatives(): Instruction[] {
    if (++this.#depth > MAX_DEPTH) this.fail('groups nested too deep')
    const branches = [this.#sequence()]
    while (this.pattern[this.#at] === '|') {
      this.#at++
      branches.push(this.#sequence())
    }
    this.#depth--
    // Each branch but the last: split over it, the branch, a jump over all that follow.
    let left = branches.reduce((sum, branch) => sum + branch.length + 2, -2)
    const program: Instruction[] = []
    for (const [index, branch] of branches.entries()) {
      const last = index === branches.length - 1
      left -= branch.length + (last ? 0 : 2)
      if (!last) program.push({ kind: 'split', a: 1, b: branch.length + 2 })
      for (const instruction of branch) program.push(instruction)
      if (!last) program.push({ kind: 'jump', to: left + 1 })
    }
    return this.#sized(program)
  }

  #sequence(): Instruction[] {
    const program: Instruction[] = []
    while (this.#at < this.pattern.length) {
      const character = this.pattern[this.#at] as string
      if (character === '|' || character === ')') break
      if (character === '$' && this.#at === this.pattern.length - 1) {
        this.#at++
        break
      }
      const repeated = this.#repeated(this.#atom())
      if (program.length + repeated.length > MAX_STATES) this.fail('too many states')
      for (const instruction of repeated) program.push(instruction)
    }
    return program
  }

  #atom(): Instruction[] {
    const character = String.fromCodePoint(this.pattern.codePointAt(this.#at) as number)
    this.#at += character.length
    switch (character) {
      case '(': {
        if (this.pattern.startsWith('?:', this.#at)) this.#at += 2
        else if (this.pattern[this.#at] === '?') this.fail('a special group')
        const inner = this.#alternatives()
        if (this.pattern[this.#at] !== ')') this.fail('a ( without its )')
        this.#at++
        return inner
      }
      case '[':
        return [{ kind: 'character', accepts: this.#class() }]
      case '.':
        return [{ kind: 'character', accepts: () => true }]
      case '\\':
        return [{ kind: 'character', accepts: this.#escape() }]
      case '*':
      case '+':
      case '?':
      case '{':
        return this.fail(`nothing before ${character}`)
      case '^':
      case '$':
        return this.fail(`a ${character} in the middle`)
      default:
        return [{ kind: 'character', accepts: (other) => other === character }]
    }
  }

  #escape(): Accepts {
    const character = this.pattern[this.#at++]
    if (character === undefined) this.fail('a \\ at the end')
    const named = escapes[character]
    if (named !== undefined) return named
    if (/[A-Za-z0-9]/.test(character)) this.fail(`\\${character}`)
    return (other) => other === character
  }

  #class(): Accepts {
    const negated = this.pattern[this.#at] === '^'
    if (negated) this.#at++
    const members: Accepts[] = []
    const ranges: (readonly [number, number])[] = []
    for (let first = true; first || this.pattern[this.#at] !== ']'; first = false) {
      if (this.#at >= this.pattern.length) this.fail('a [ without its ]')
      const posix = /^\[:([a-z]+):\]/.exec(this.pattern.slice(this.#at, this.#at + 12))
      if (posix !== null) {
        members.push(posixClasses[posix[1] as string] ?? this.fail(`the class ${posix[0]}`))
        this.#at += posix[0].length
        continue
      }
      const escaped = this.pattern[this.#at] === '\\' ? escapes[this.pattern[this.#at + 1] ?? ''] : undefined
      if (escaped !== undefined) {
        members.push(escaped)
        this.#at += 2
        continue
      }
      const low = this.#member()
      const isRange = this.pattern[this.#at] === '-' && this.pattern[this.#at + 1] !== ']'
      if (isRange) this.#at++
      const high = isRange ? this.#member() : low
      if (high < low) this.fail('a range that ends before it begins')
      ranges.push([low, high])
    }
    this.#at++
    return (character) => {
      const point = character.codePointAt(0) as number
      const found = ranges.some(([low, high]) => low <= point && point <= high) || members.some((is) => is(character))
      return found !== negated
    }
  }

  #member(): number {
    if (this.pattern[this.#at] === '\\') this.#at++
    const point = this.pattern.codePointAt(this.#at)
    if (point === undefined) this.fail('a [ without its ]')
    this.#at += point > 0xffff ? 2 : 1
    return point
  }

  #repeated(atom: Instruction[]): Instruction[] {
    let program = atom
    for (;;) {
      const mark = this.pattern[this.#at]
      const counts = mark === '{' ? /^\{(\d{1,3})(?:(,)(\d{0,3}))?\}/.exec(this.pattern.slice(this.#at)) : null
      if (mark === '*' || mark === '+' || mark === '?') {
        this.#at++
        program = mark === '*' ? star(program) : mark === '?' ? maybe(program) : [...program, ...star(program)]
      } else if (counts !== null) {
        this.#at += counts[0].length
        const least = Number(counts[1])
        const most = counts[2] === undefined ? least : counts[3] === '' ? undefined : Number(counts[3])
        if (most !== undefined && most < least) this.fail('a count that ends before it begins')
        program = this.#counted(program, least, most)
      } else if (mark === '{') {
        this.fail('a { without a count')
      } else {
        return program
      }
      this.#sized(program)
    }
  }

  #counted(atom: Instruction[], least: number, most: number | undefined): Instruction[] {
    if (atom.length * Math.max(least, most ?? least + 1, 1) > MAX_STATES) this.fail('too many states')
    const required = new Array<Instruction[]>(least).fill(atom).flat()
    if (most === undefined) return [...required, ...star(atom)]
    let optional: Instruction[] = []
    for (let count = least; count < most; count++) optional = this.#sized(maybe([...atom, ...optional]))
    return [...required, ...optional]
  }

  #sized(program: Instruction[]): Instruction[] {
    if (program.length > MAX_STATES) this.fail('too many states')
    return program
  }
}

const star = (atom: Instruction[]): Instruction[] => [
  { kind: 'split', a: 1, b: atom.length + 2 },
  ...atom,
  { kind: 'jump', to: -(atom.length + 1) },
]
const maybe = (atom: Instruction[]): Instruction[] => [{ kind: 'split', a: 1, b: atom.length + 1 }, ...atom]

const test =
  (expression: RegExp): Accepts =>
  (character) =>
    expression.test(character)
const escapes: Readonly<Record<string, Accepts>> = {
  d: test(/^[0-9]$/),
  D: test(/^[^0-9]$/),
  w: test(/^[A-Za-z0-9_]$/),
  W: test(/^[^A-Za-z0-9_]$/),
  s: test(/^\s$/),
  S: test(/^\S$/),
}
const posixClasses: Readonly<Record<string, Accepts>> = {
  alpha: test(/^[A-Za-z]$/),
  digit: test(/^[0-9]$/),
  alnum: test(/^[A-Za-z0-9]$/),
  upper: test(/^[A-Z]$/),
  lower: test(/^[a-z]$/),
  space: test(/^\s$/),
  punct: test(/^[!-/:-@[-`{-~]$/),
  xdigit: test(/^[0-9A-Fa-f]$/),
}
