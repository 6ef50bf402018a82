import { readFileSync, writeFileSync } from 'node:fs'
import type { Results } from './results.ts'
import { figuresTable, sideBySideTable } from './tables.ts'

const [begin, end] = ['<!-- npm run bench: begin -->', '<!-- npm run bench: end -->']

/** Replaces what stands between the two markers of a page. */
export function updatePage(file: string, results: Results): void {
  const page = readFileSync(file, 'utf8')
  const [before, rest] = split(page, begin, file)
  const [, after] = split(rest, end, file)
  writeFileSync(file, `${before}${begin}\n\n${resultsText(results)}\n\n${end}${after}`)
}

function resultsText(results: Results): string {
  const { machine, startedAt, dhn, generator, rounds, foreign, sideBySide, failures } = results
  const disturbed =
    foreign === undefined ? '' : ` Others took ${(foreign * 100).toFixed(0)} % of the server's processor.`
  const facts = [
    `Measured on ${startedAt.slice(0, 10)} with dhn ${dhn}, ${rounds} rounds, load by ${generator}.${disturbed}`,
    `Machine: ${machine.processor}, ${machine.processors} processors, ${machine.memoryGigabytes} GB; ${machine.system}, Linux ${machine.kernel}; Node ${machine.node} (OpenSSL ${machine.openssl}).`,
  ]
  const sections = sideBySide.flatMap((each) => [
    `### ${each.title}, side by side`,
    sideBySideTable(each),
    ...each.leftOut.map(({ name, why }) => `Left out: ${name}: ${why.split('\n')[0]}.`),
  ])
  const lost = failures.map(({ row, why }) => `Not measured: ${row}: ${why.split('\n')[0]}.`)
  return [facts.join('\n'), '### Figures and bars', figuresTable(results.figures), ...lost, ...sections].join('\n\n')
}

function split(text: string, marker: string, file: string): [string, string] {
  const at = text.indexOf(marker)
  if (at === -1) throw new Error(`${file} has no line ${marker}`)
  return [text.slice(0, at), text.slice(at + marker.length)]
}
