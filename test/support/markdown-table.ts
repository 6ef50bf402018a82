/** The rows of the table in a page of which the first column has this title: their cells, without the blanks around them. */
export function tableRows(page: string, firstTitle: string): string[][] {
  const lines = page.split('\n')
  const head = lines.findIndex((line) => cellsOf(line)[0] === firstTitle)
  if (head === -1) return []
  const end = lines.findIndex((line, index) => index > head && !line.startsWith('|'))
  return lines.slice(head + 2, end === -1 ? undefined : end).map(cellsOf)
}

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
