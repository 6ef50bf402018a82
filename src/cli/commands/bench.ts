import { writeFile } from 'node:fs/promises'
import { addressOf } from '../call/address.ts'
import { callArguments } from '../call/arguments.ts'
import { callingOptions, callOptions } from '../call/call-options.ts'
import { type Context, command } from '../command.ts'
import { UsageError } from '../errors.ts'
import type { LoadReport } from '../load/load-report.ts'
import type { LoadFigures } from '../load/load-run.ts'
import { reportText, secondText } from '../load/load-text.ts'
import { wholeNumber } from '../numbers.ts'

/** Seconds until a call is given up when `--timeout` doesn't say. */
const patience = 10

export const bench = command({
  name: 'bench',
  summary: 'Call one method of a service again and again, and measure what comes of it.',
  details:
    'Each connection sends its next call when the last one is answered. Answers other than S_OK count as errors, and not ' +
    'in the times. Figures are of the time after the ramp. The CPU and memory of the server are of its process and all it has ' +
    'started: the node of the home is found by its address, others are named by --pid. The proxy is shown and the server ' +
    'believed as `dhn call` does. Exits with 1 when no call was answered with S_OK.',
  arguments: {
    '<service>': '`Class/Name`, `System/Service`, or a whole http(s) address',
    '[args...]': 'the arguments of the call',
  },
  options: {
    '--method <name>': 'the remote method (ping)',
    '--connections <n>': 'how many callers there are at a time (10)',
    '--processes <n>': 'processes of the load, among which the connections are divided (1)',
    '--seconds <s>': 'how long it goes on, ramp included (30)',
    '--ramp <s>': 'seconds over which the connections are opened (0)',
    '--pid <pid>': 'the process of the server on this machine',
    '--report <file>': 'a picture over time in one file: `.svg`, or `.html` with a table of every second',
    ...callingOptions,
  },
  examples: [
    { command: 'dhn bench Samples/Echo', does: 'ping on 10 connections for half a minute' },
    {
      command: 'dhn bench Samples/Echo hello --method echo --connections 64 --ramp 10 --report load.svg',
      does: 'with a picture to keep',
    },
    {
      command: 'dhn bench https://dirac.example.org:8443/Framework/Notification --pid 4711 --json',
      does: "a server of DIRAC, with the proxy of X509_USER_PROXY; all of the report's numbers",
    },
  ],
  async run({ service, args }, chosen, context) {
    const { output, node, timeout = patience } = context
    const connections = wholeNumber('--connections', chosen.connections, { from: 1, to: 10_000 }) ?? 10
    const processes = wholeNumber('--processes', chosen.processes, { from: 1, to: Math.min(64, connections) }) ?? 1
    const seconds = wholeNumber('--seconds', chosen.seconds, { from: 1, to: 86_400 }) ?? 30
    const ramp = wholeNumber('--ramp', chosen.ramp, { from: 0, to: seconds - 1 }) ?? 0
    const write = reportWriter(chosen.report)
    const method = chosen.method ?? 'ping'
    const options = await callOptions(context, chosen)
    const { loadTarget } = await import('../load/target.ts')
    const { runLoad } = await import('../load/load-run.ts')
    const { loadReport } = await import('../load/load-report.ts')
    const { ServerWatch } = await import('../load/server-usage.ts')
    const address = await addressOf(service, node, options.surroundings)
    const target = await loadTarget(address, { method, args: await callArguments(args) }, options)
    const named = wholeNumber('--pid', chosen.pid, { from: 1, to: 2 ** 22 })
    const pid = named ?? (await pidOfNode(target.url, context))
    const watch = pid === undefined ? undefined : new ServerWatch(pid)
    const load = { connections, processes, seconds, ramp }
    const what = { address: target.url, method, load }
    const measured: LoadFigures[] = []
    await runLoad(
      { ...target, ...load, ramp: ramp * 1000, timeout: timeout * 1000 },
      {
        processes,
        tell: (figures) => {
          const server = watch?.look()
          const second = server === undefined ? figures : { ...figures, server }
          measured.push(second)
          const [shown] = loadReport(what, [second], pid).seconds
          if (shown !== undefined) output.working(secondText(shown))
        },
      },
    )
    const report = loadReport(what, measured, pid)
    await write(report)
    output.result(report, reportText)
    return report.seconds.some(({ calls }) => calls > 0) ? 0 : 1
  },
})

/** @throws {UsageError} it is neither kind of file */
function reportWriter(file: string | undefined): (report: LoadReport) => Promise<void> {
  if (file === undefined) return async () => undefined
  const ending = /\.(svg|html)$/.exec(file)?.[1]
  if (ending === undefined) throw new UsageError(`--report takes a file that ends in .svg or .html, not ${file}`)
  return async (report) => {
    const { loadPage, loadPicture } = await import('../load/load-picture.ts')
    await writeFile(file, ending === 'svg' ? loadPicture(report) : loadPage(report))
  }
}

/** The process of the home's node when the address is one of its own. */
async function pidOfNode(url: string, { node, elsewhere }: Context): Promise<number | undefined> {
  if (elsewhere !== undefined) return undefined
  // No node at the home is no reason not to measure another server.
  const view = await node.view().catch(() => undefined)
  return view?.addresses.some((address) => new URL(address).origin === new URL(url).origin) === true
    ? view.pid
    : undefined
}
