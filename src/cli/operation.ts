import type { DeploymentReport } from '../container/views.ts'
import { RemoteError } from '../service/errors.ts'
import type { Context, ExitCode } from './command.ts'
import { OperationFailed, StillWorking } from './errors.ts'
import type { Begun } from './node-client.ts'
import type { Output } from './output.ts'
import { duration, indent, logLine, plain } from './text.ts'

/** Seconds that a command waits for an operation when `--timeout` doesn't say. The node's own limits end it long before. */
const patience = 300

/**
 * Waits for what the node has begun, telling its steps as they end, and prints what came of it.
 *
 * @throws {StillWorking} the time is over, or the user went away; the operation goes on
 */
export async function endOf(begun: Begun, context: Context): Promise<ExitCode> {
  const { output, wait } = context
  if (wait === false) {
    output.tell(`begun; follow it: dhn report ${begun.operation} --wait`)
    output.result(begun, ({ operation }) => operation)
    return 0
  }
  return outcomeOf(await closedReport(begun.operation, context), context)
}

/** Follows an operation to its end. */
export async function closedReport(id: string, { node, output, timeout }: Context): Promise<DeploymentReport> {
  const seconds = timeout ?? patience
  const gone = new AbortController()
  const tooLong = setTimeout(() => gone.abort(new StillWorking(id, `isn't over after ${seconds} s`)), seconds * 1000)
  const interrupted = () => gone.abort(new StillWorking(id, 'was left'))
  process.once('SIGINT', interrupted)
  try {
    const story = new StepStory(output)
    for await (const report of node.follow(id, gone.signal)) {
      story.tell(report)
      if (report.status === 'CLOSED') return report
    }
    throw gone.signal.reason
  } finally {
    clearTimeout(tooLong)
    process.off('SIGINT', interrupted)
    output.settle()
  }
}

/** Tells each step once, when it has ended; the one going on is shown as such on a terminal. */
class StepStory {
  readonly #output: Output
  #told = 0

  constructor(output: Output) {
    this.#output = output
  }

  tell({ steps, status }: DeploymentReport): void {
    for (; this.#told < steps.length; this.#told += 1) {
      const step = steps[this.#told]
      if (step === undefined || (step.durationMs === undefined && status === 'OPEN')) break
      this.#output.tell(`  ${stepText(step)}`)
    }
    const current = steps[this.#told]
    if (current !== undefined) this.#output.working(stepText(current))
  }
}

export function stepText({ name, durationMs, message }: DeploymentReport['steps'][number]): string {
  const text = durationMs === undefined ? plain(name) : `${plain(name)}  ${duration(durationMs)}`
  return message === undefined ? text : `${text}  ${plain(message)}`
}

/** Prints what came of a closed operation: with success the last lines end with the addresses. */
async function outcomeOf(report: DeploymentReport, context: Context): Promise<ExitCode> {
  const { output } = context
  if (output.json) {
    output.result(report, String)
  } else if (report.outcome === 'failed') {
    tellFailure(report, output)
  } else {
    if (report.outcome === 'unchanged') output.tell(`nothing to do: this is what is live`)
    output.print(report.type === 'UNDEPLOY' ? `${report.garId}  undeployed` : await whereItIs(report.garId, context))
  }
  return report.outcome === 'failed' ? 1 : 0
}

function tellFailure({ id, packages, lastLines, cause, type }: DeploymentReport, output: Output): void {
  for (const { packageName, status, message } of packages.filter(({ status }) => status === 'FAILED')) {
    const more = message === undefined || message === cause?.message ? '' : `  ${plain(message)}`
    output.tell(`  ${plain(packageName)}  ${status}${more}`)
  }
  if (lastLines.length > 0)
    output.tell(`\nthe last lines it wrote:\n${indent(lastLines.map(logLine).join('\n'), '  | ')}\n`)
  output.error(cause === undefined ? new OperationFailed(id, type) : new RemoteError(cause))
  output.tell(`  report: dhn report ${id}`)
}

/** `Samples/Echo  ready  https://localhost:8443/Samples/Echo`, a line for each address. */
async function whereItIs(garId: string, { node }: Context): Promise<string> {
  const { instance } = await node.show(garId)
  if (instance === undefined) return `${garId}  deployed`
  const { serviceClass, serviceName, state, addresses } = instance
  const start = `${serviceClass ?? '?'}/${serviceName ?? '?'}  ${state}`
  return addresses.length === 0 ? start : addresses.map((address) => `${start}  ${address}`).join('\n')
}
