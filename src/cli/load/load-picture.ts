import type { LoadReport } from './load-report.ts'

interface Line {
  readonly name: string
  readonly color: string
  /** Undefined: nothing was measured in that second. */
  readonly values: readonly (number | undefined)[]
  readonly dashed?: boolean
}

interface Panel {
  readonly title: string
  readonly unit: string
  readonly lines: readonly Line[]
  /** Said instead when there is nothing to draw. */
  readonly otherwise?: string
}

const WIDTH = 1200
const PANEL = { width: 560, height: 300 } as const
const PLOT = { left: 64, top: 52, right: 16, bottom: 40 } as const
const HEAD = 110
// Told apart by those who see few colours, and in grey.
const blue = '#0b6cad'
const orange = '#c75000'
const grey = '#6b6b6b'

/** The four panels of DIRAC's performance test over time, as one SVG that needs nothing else. */
export function loadPicture(report: LoadReport): string {
  const { total, load, server } = report
  const height = HEAD + 2 * PANEL.height + 30
  const panels = panelsOf(report).map((panel, place) => {
    const x = 20 + (place % 2) * (PANEL.width + 40)
    const y = HEAD + Math.floor(place / 2) * (PANEL.height + 10)
    return `<g transform="translate(${x} ${y})">${panelSvg(panel, report)}</g>`
  })
  const facts = [
    `${load.connections} connections, ${load.processes} processes, ${load.seconds} s${load.ramp > 0 ? `, ramp ${load.ramp} s` : ''}`,
    `${number(total.callsPerSecond)} calls/s`,
    `mean ${number(total.mean ?? 0)} ms`,
    `99 % in ${number(total.p99 ?? 0)} ms`,
    `${total.errors} errors`,
    ...(server?.cpuPerCall == null ? [] : [`${number(server.cpuPerCall)} µs of CPU a call`]),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(`Load on ${report.method} of ${report.address}`)}">
<style>text{font:13px system-ui,sans-serif;fill:#222}.title{font-size:15px;font-weight:600}.name{font-size:22px;font-weight:600}.small{font-size:12px;fill:#555}</style>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text class="name" x="20" y="40">${escaped(report.method)} of ${escaped(report.address)}</text>
<text x="20" y="70">${escaped(facts.join('  ·  '))}</text>
${panels.join('\n')}
</svg>
`
}

/** The picture in a page, with the figures as a table for those who read it otherwise. */
export function loadPage(report: LoadReport): string {
  const head = ['second', 'connections', 'calls', 'errors', 'mean ms', '95 % ms', '99 % ms', 'CPU %', 'memory MB']
  const rows = report.seconds.map(({ second, connections, calls, errors, mean, p95, p99, server }) =>
    [
      second + 1,
      connections,
      calls,
      errors,
      mean,
      p95,
      p99,
      server?.cpuPercent.toFixed(0),
      server && inMegabytes(server.memoryBytes).toFixed(0),
    ]
      .map((value) => `<td>${value ?? ''}</td>`)
      .join(''),
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(`${report.method} of ${report.address}`)}</title>
<style>body{margin:1rem auto;max-width:${WIDTH}px;font:14px system-ui,sans-serif;color:#222}svg{max-width:100%;height:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:2px 12px 2px 0;text-align:right}</style>
${loadPicture(report)}
<details><summary>Every second</summary>
<table><tr>${head.map((name) => `<th scope="col">${name}</th>`).join('')}</tr>
${rows.map((row) => `<tr>${row}</tr>`).join('\n')}
</table></details>
</html>
`
}

function panelsOf({ seconds, server }: LoadReport): readonly Panel[] {
  const of = (value: (second: LoadReport['seconds'][number]) => number | null | undefined) =>
    seconds.map((second) => value(second) ?? undefined)
  const unwatched = server === undefined ? { otherwise: 'the server was not watched (--pid)' } : {}
  return [
    {
      title: 'Time of a request',
      unit: 'ms',
      lines: [
        { name: 'mean', color: blue, values: of(({ mean }) => mean) },
        { name: '95 %', color: orange, values: of(({ p95 }) => p95), dashed: true },
      ],
    },
    {
      title: 'CPU of the server, and load of the machine × 100',
      unit: '%',
      lines: [
        { name: 'CPU', color: blue, values: of(({ server }) => server?.cpuPercent) },
        {
          name: 'load average × 100',
          color: grey,
          values: of(({ server }) => server && server.loadAverage * 100),
          dashed: true,
        },
      ],
      ...unwatched,
    },
    {
      title: 'Memory of the server',
      unit: 'MB',
      lines: [{ name: 'resident', color: blue, values: of(({ server }) => server && inMegabytes(server.memoryBytes)) }],
      ...unwatched,
    },
    {
      title: 'Requests and errors',
      unit: 'per second',
      lines: [
        { name: 'answered', color: blue, values: of(({ calls }) => calls) },
        { name: 'errors', color: orange, values: of(({ errors }) => errors), dashed: true },
      ],
    },
  ]
}

function panelSvg({ title, unit, lines, otherwise }: Panel, { seconds, load }: LoadReport): string {
  const inner = { width: PANEL.width - PLOT.left - PLOT.right, height: PANEL.height - PLOT.top - PLOT.bottom }
  const last = Math.max(load.seconds, seconds.length, 1)
  const ticks = ticksUpTo(Math.max(0, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0))))
  const top = ticks.at(-1) as number
  const x = (second: number): string => (PLOT.left + (second / last) * inner.width).toFixed(1)
  const y = (value: number): string => (PLOT.top + inner.height - (value / top) * inner.height).toFixed(1)
  const right = PLOT.left + inner.width
  const grid = ticks.map(
    (value) =>
      `<line x1="${PLOT.left}" x2="${right}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/>` +
      `<text class="small" x="${PLOT.left - 8}" y="${Number(y(value)) + 4}" text-anchor="end">${number(value)}</text>`,
  )
  const times = ticksUpTo(last).filter((value) => value <= last)
  const axis = times.map(
    (value) =>
      `<text class="small" x="${x(value)}" y="${PANEL.height - 20}" text-anchor="middle">${number(value)}</text>`,
  )
  const ramp =
    load.ramp > 0
      ? `<rect x="${PLOT.left}" y="${PLOT.top}" width="${((load.ramp / last) * inner.width).toFixed(1)}" height="${inner.height}" fill="#f3f3f3"/>` +
        `<text class="small" x="${PLOT.left + 6}" y="${PLOT.top - 6}">ramp</text>`
      : ''
  const drawn = otherwise === undefined ? lines.map((line) => curve(line, x, y)) : []
  const none =
    otherwise === undefined
      ? ''
      : `<text class="small" x="${PLOT.left + inner.width / 2}" y="${PLOT.top + inner.height / 2}" text-anchor="middle">${otherwise}</text>`
  return `<text class="title" x="0" y="16">${title}</text><text class="small" x="0" y="36">${unit}</text>${ramp}${grid.join('')}${axis.join('')}<text class="small" x="${right}" y="${PANEL.height - 4}" text-anchor="end">seconds</text>${drawn.join('')}${none}${legend(lines, right)}`
}

/** A line is broken where nothing was measured; a single second is a dot. */
function curve(
  { color, values, dashed = false }: Line,
  x: (second: number) => string,
  y: (value: number) => string,
): string {
  let path = ''
  let pen = 'M'
  for (const [second, value] of values.entries()) {
    if (value === undefined) pen = 'M'
    else {
      path += `${pen}${x(second + 0.5)} ${y(value)}`
      pen = 'L'
    }
  }
  const dash = dashed ? ' stroke-dasharray="5 4"' : ''
  return `<path d="${path}" fill="none" stroke="${color}" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"${dash}/>`
}

function legend(lines: readonly Line[], right: number): string {
  let at = right
  return [...lines]
    .reverse()
    .map(({ name, color, dashed = false }) => {
      at -= name.length * 7 + 44
      const dash = dashed ? ' stroke-dasharray="5 4"' : ''
      return `<line x1="${at}" x2="${at + 24}" y1="32" y2="32" stroke="${color}" stroke-width="2"${dash}/><text class="small" x="${at + 30}" y="36">${name}</text>`
    })
    .join('')
}

/** Round numbers from 0 to at least `largest`, four to seven of them. */
function ticksUpTo(largest: number): readonly number[] {
  if (!(largest > 0)) return [0, 1]
  const rough = largest / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) as number) * power
  return Array.from({ length: Math.ceil(largest / step - 1e-9) + 1 }, (_, place) => place * step)
}

const inMegabytes = (bytes: number): number => bytes / 1024 / 1024

const number = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] as string)
