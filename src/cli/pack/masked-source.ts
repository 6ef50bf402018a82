/**
 * A TypeScript source with its comments and the insides of its texts and regular expressions blanked out, so that what is
 * found in it is code; every other character stands where it stood.
 */
export function maskedSource(source: string): string {
  const found = [
    ...source.matchAll(/\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|\//g),
  ]
  let masked = ''
  let at = 0
  for (const { 0: text, index } of found) {
    if (index < at) continue
    masked += source.slice(at, index)
    const whole = text === '/' ? regularExpressionAt(source, index) : text
    masked += whole === '/' ? whole : blanked(whole)
    at = index + whole.length
  }
  return masked + source.slice(at)
}

/** A slash that divides stands behind a value, one that begins an expression doesn't. */
function regularExpressionAt(source: string, index: number): string {
  const before = source.slice(0, index).trimEnd()
  if (!/(?:^|[-(,=:[!&|?{};+*%<>~^]|\b(?:return|typeof|case|in|of|void))$/.test(before)) return '/'
  return /^\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/.exec(source.slice(index))?.[0] ?? '/'
}

const blanked = (text: string): string => text.replace(/[^\n]/g, ' ')

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' }

/** Where the bracket that opens at `start` closes; the end when it doesn't. `=>` closes nothing. */
export function closingBracket(masked: string, start: number): number {
  const open: string[] = []
  for (let at = start; at < masked.length; at += 1) {
    const sign = masked[at] as string
    if (sign in closing) open.push(closing[sign] as string)
    else if (sign === open.at(-1) && !(sign === '>' && masked[at - 1] === '=')) open.pop()
    if (open.length === 0) return at
  }
  return masked.length
}

/** The places of a sign outside all brackets. */
export function outermost(masked: string, sign: string): readonly number[] {
  const places: number[] = []
  for (let at = 0; at < masked.length; at += 1) {
    if (masked[at] === sign) places.push(at)
    else if ((masked[at] as string) in closing) at = closingBracket(masked, at)
  }
  return places
}
