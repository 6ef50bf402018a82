import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { inject, injectable } from 'inversify'
import { durationBounds } from '../../container/call-figures.ts'
import { HostingNode, type TrustState } from '../../container/hosting-node.ts'
import { FiguresBook, type InstanceFigures } from '../../container/instance-figures.ts'
import { InstanceRegistry } from '../../container/instance-registry.ts'
import type { FrontView } from '../../container/views.ts'
import { processFigures } from './process-figures.ts'
import { PrometheusText } from './prometheus.ts'

/** What the doors know of themselves. */
export interface DoorFigures {
  /** Open connections by scheme. */
  readonly connections: Readonly<Record<string, number>>
  /** Bytes of long answers that wait to be read. */
  readonly unread: number
  /** Processes that take calls, where the node doesn't do that itself. */
  readonly fronts?: readonly FrontView[]
}

/** Milliseconds that the system may take to tell of the processes; what isn't told by then is left out. */
const deadline = 1000
/** Milliseconds between two looks at how late the event loop is. */
const resolution = 50

/** The node in numbers, as text for Prometheus. Counting costs a call a few plain fields; the text is made when it's asked for. */
@injectable()
export class Metrics {
  /** Set by the doors. */
  doors: () => DoorFigures = () => ({ connections: {}, unread: 0 })
  #delays: IntervalHistogram | undefined

  constructor(
    @inject(HostingNode) private readonly node: HostingNode,
    @inject(FiguresBook) private readonly figures: FiguresBook,
    @inject(InstanceRegistry) private readonly registry: InstanceRegistry,
  ) {}

  /** Begins to look at the event loop. */
  start(): void {
    this.#delays ??= monitorEventLoopDelay({ resolution })
    this.#delays.enable()
  }

  stop(): void {
    this.#delays?.disable()
  }

  async text(): Promise<string> {
    const text = new PrometheusText()
    this.#ofNode(text)
    ofTrust(text, this.node.trust())
    this.#ofEventLoop(text)
    const instances = this.figures.instances(this.registry)
    ofCalls(text, instances)
    await ofProcesses(text, instances)
    await ofFronts(text, this.doors().fronts)
    return text.toString()
  }

  #ofNode(text: PrometheusText): void {
    const { version, node, state, startedAt, instances } = this.node.view()
    const { connections, unread } = this.doors()
    text.gauge('dhn_build_info', 'The version of dhn and of Node.js.', [{ version, node }, 1])
    text.gauge('dhn_node_state', 'The state that the node is in.', [{ state }, 1])
    text.gauge('dhn_start_time_seconds', 'When the node started, in Unix time.', [{}, Date.parse(startedAt) / 1000])
    text.gauge('dhn_uptime_seconds', 'For how long the process runs.', [{}, process.uptime()])
    text.gauge('dhn_instances', 'Running instances by state.', ...pairs(instances, 'state'))
    text.gauge('dhn_connections', 'Open connections by door.', ...pairs(connections, 'door'))
    text.gauge('dhn_unread_bytes', 'Bytes of long answers that wait to be read.', [{}, unread])
    const { rss, heapUsed, external } = process.memoryUsage()
    text.gauge('dhn_memory_bytes', "Resident memory of the node's own process.", [{}, rss])
    text.gauge('dhn_heap_bytes', 'Of it, what objects and buffers use.', [{}, heapUsed + external])
    const { user, system } = process.cpuUsage()
    text.counter('dhn_cpu_seconds_total', "Processor time of the node's own process.", [{}, (user + system) / 1e6])
  }

  #ofEventLoop(text: PrometheusText): void {
    const { active, idle } = performance.eventLoopUtilization()
    text.counter('dhn_event_loop_active_seconds_total', 'Time in which the event loop worked.', [{}, active / 1000])
    text.counter('dhn_event_loop_idle_seconds_total', 'Time in which the event loop waited.', [{}, idle / 1000])
    const delays = this.#delays
    if (delays === undefined || delays.count === 0) return
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - resolution / 1000)
    text.gauge(
      'dhn_event_loop_delay_seconds',
      'How late the event loop came to what was due, since this was last asked.',
      [{ quantile: '0.5' }, late(delays.percentile(50))],
      [{ quantile: '0.99' }, late(delays.percentile(99))],
      [{ quantile: '1' }, late(delays.max)],
    )
    delays.reset()
  }
}

const pairs = (values: Readonly<Record<string, number>>, label: string) =>
  Object.entries(values).map(([name, value]) => [{ [label]: name }, value] as const)

/** Of several CAs with one name the one counts that ends first. */
function ofTrust(text: PrometheusText, trust: TrustState): void {
  const ends = new Map(
    trust
      .expiries()
      .toReversed()
      .map((one) => [`${one.what} ${one.name}`, one]),
  )
  text.gauge(
    'dhn_expiry_timestamp_seconds',
    'When what callers are judged by ends, in Unix time.',
    ...[...ends.values()].map(({ what, name, at }) => [{ what, name }, at / 1000] as const),
  )
  text.gauge('dhn_trust_unusable_files', "Files of the trust directory that can't be used.", [{}, trust.unusable()])
}

const labelsOf = ({ garId, version }: Pick<InstanceFigures, 'garId' | 'version'>) => ({ gar: garId, version })

function ofCalls(text: PrometheusText, instances: readonly InstanceFigures[]): void {
  const here = instances.filter(({ state }) => state !== undefined)
  const each = (of: readonly InstanceFigures[], value: (figures: InstanceFigures) => number) =>
    of.map((figures) => [labelsOf(figures), value(figures)] as const)
  text.gauge(
    'dhn_instance_state',
    'The state that a running instance is in.',
    ...here.map((one) => [{ ...labelsOf(one), name: one.name ?? '', state: one.state as string }, 1] as const),
  )
  text.gauge('dhn_instance_up', 'Whether it is ready.', ...each(here, ({ state }) => Number(state === 'ready')))
  text.counter('dhn_instance_failures_total', 'How often it failed.', ...each(instances, ({ calls }) => calls.failures))
  text.counter(
    'dhn_instance_restarts_total',
    'How often it was started anew after a failure.',
    ...each(instances, ({ calls }) => calls.restarts),
  )
  const several = here.flatMap((one) => (one.places === undefined ? [] : [{ ...one, places: one.places }]))
  text.gauge(
    'dhn_instance_places',
    'How many places it has that share its calls, by whether they serve.',
    ...several.flatMap(({ places, ...one }) => [
      [{ ...labelsOf(one), serving: 'true' }, places.serving] as const,
      [{ ...labelsOf(one), serving: 'false' }, places.all - places.serving] as const,
    ]),
  )
  text.counter(
    'dhn_instance_losses_total',
    'How often one of its places ended while others served.',
    ...each(several, ({ calls }) => calls.losses),
  )
  text.gauge('dhn_calls_inside', 'Calls that it has to answer.', ...each(here, ({ inside }) => inside))
  text.gauge('dhn_calls_bytes', 'Bytes kept of calls to be answered or read.', ...each(here, ({ bytes }) => bytes))
  text.counter(
    'dhn_calls_total',
    'Calls that its service answered, by the class of the status.',
    ...instances.flatMap((one) =>
      [2, 3, 4, 5]
        .filter((first) => first === 2 || (one.calls.answers[first] ?? 0) > 0)
        .map((first) => [{ ...labelsOf(one), status: `${first}xx` }, one.calls.answers[first] ?? 0] as const),
    ),
  )
  text.counter(
    'dhn_calls_refused_total',
    'Calls that never reached its service, by the code of the refusal.',
    ...instances.flatMap((one) =>
      [...one.calls.refusals].map(([code, count]) => [{ ...labelsOf(one), code }, count] as const),
    ),
  )
  text.histogram(
    'dhn_call_duration_seconds',
    'From handing a call to the service to its answer.',
    durationBounds,
    ...instances.map((one) => ({ labels: labelsOf(one), counts: one.calls.durations, sum: one.calls.seconds })),
  )
}

/** All are asked at the same time: none waits for another. */
async function ofProcesses(text: PrometheusText, instances: readonly InstanceFigures[]): Promise<void> {
  const signal = AbortSignal.timeout(deadline)
  const asked = await Promise.all(
    instances.flatMap((one) =>
      one.processes.map(async ({ pid, place }) => {
        const figures = await processFigures(pid, signal)
        const labels = { ...labelsOf(one), ...(place !== undefined && { place: String(place) }) }
        return figures === undefined ? [] : [{ labels, ...figures }]
      }),
    ),
  )
  const told = asked.flat()
  text.gauge(
    'dhn_instance_memory_bytes',
    'Resident memory of its process.',
    ...told.map(({ labels, memory }) => [labels, memory] as const),
  )
  text.counter(
    'dhn_instance_cpu_seconds_total',
    'Processor time of its process.',
    ...told.map(({ labels, cpu }) => [labels, cpu] as const),
  )
}

async function ofFronts(text: PrometheusText, fronts: readonly FrontView[] | undefined): Promise<void> {
  if (fronts === undefined) return
  const serving = fronts.filter(({ state }) => state === 'serving').length
  text.gauge(
    'dhn_fronts',
    'How many front processes there are to be, by whether they serve.',
    [{ serving: 'true' }, serving],
    [{ serving: 'false' }, fronts.length - serving],
  )
  const each = (value: (front: FrontView) => number) =>
    fronts.map((front) => [{ front: String(front.name) }, value(front)] as const)
  text.gauge('dhn_front_connections', 'Open connections of a front.', ...each(({ connections }) => connections))
  text.gauge('dhn_front_calls_inside', 'Calls that a front has to answer.', ...each(({ inside }) => inside))
  text.counter('dhn_front_restarts_total', 'How often it was started anew.', ...each(({ restarts }) => restarts.count))
  const signal = AbortSignal.timeout(deadline)
  const asked = await Promise.all(
    fronts.map(async ({ name, pid }) => ({
      front: String(name),
      figures: pid === undefined ? undefined : await processFigures(pid, signal),
    })),
  )
  const told = asked.flatMap(({ front, figures }) => (figures === undefined ? [] : [{ labels: { front }, ...figures }]))
  text.gauge(
    'dhn_front_memory_bytes',
    'Resident memory of a front process.',
    ...told.map(({ labels, memory }) => [labels, memory] as const),
  )
  text.counter(
    'dhn_front_cpu_seconds_total',
    'Processor time of a front process.',
    ...told.map(({ labels, cpu }) => [labels, cpu] as const),
  )
}
