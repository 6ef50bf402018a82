/** Line and column of an offset in a text, from 1. Line ends are LF, CR LF and CR. Reads the text up to there. */
export function placeAt(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1
  let start = 0
  const breaks = /\r\n?|\n/g
  for (let found = breaks.exec(text); found !== null && breaks.lastIndex <= offset; found = breaks.exec(text)) {
    line += 1
    start = breaks.lastIndex
  }
  return { line, column: offset - start + 1 }
}
