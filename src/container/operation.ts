import { randomUUID } from 'node:crypto'
import type { Problem } from '../archive/problem.ts'
import { errorAsData } from '../service/errors.ts'
import type { Operation } from './hosting-node.ts'
import type { DeploymentReport, PackageStatus } from './views.ts'

type Step = DeploymentReport['steps'][number]
export type ReportedPackage = DeploymentReport['packages'][number]

/**
 * One operation while it runs: its report grows step by step, for everyone who follows it.
 *
 * The first cause is the one that is kept: what goes wrong while cleaning up after a failure never hides it.
 */
export class RunningOperation implements Operation {
  readonly id = randomUUID()
  readonly begun: Promise<void>
  readonly closed: Promise<DeploymentReport>
  /** Its beginning is kept. */
  hasBegun!: () => void
  #report: DeploymentReport
  readonly #listeners = new Set<(report: DeploymentReport) => void>()
  #close!: (report: DeploymentReport) => void

  constructor(type: DeploymentReport['type'], garId: string) {
    this.begun = new Promise((resolve) => {
      this.hasBegun = resolve
    })
    this.closed = new Promise((resolve) => {
      this.#close = resolve
    })
    this.#report = {
      id: this.id,
      type,
      status: 'OPEN',
      garId,
      startedAt: new Date().toISOString(),
      packages: [],
      newInstances: [],
      steps: [],
      lastLines: [],
      problems: [],
    }
  }

  get report(): DeploymentReport {
    return this.#report
  }

  follow(listener: (report: DeploymentReport) => void): () => void {
    if (this.#report.status === 'CLOSED') {
      listener(this.#report)
      return () => {}
    }
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The GAR ID is known once the archive was read. */
  names(garId: string): void {
    this.#change({ garId })
  }

  /** Runs one step of the work and keeps how long it took. */
  async step<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    const started = performance.now()
    const at = new Date().toISOString()
    const index = this.#report.steps.length
    this.#change({ steps: [...this.#report.steps, { name, at }] })
    try {
      return await work()
    } finally {
      this.#step(index, { durationMs: Math.round(performance.now() - started) })
    }
  }

  /** Says something of the step that runs, instead of what was said before; undefined changes nothing. */
  remark(message: string | undefined): void {
    const index = this.#report.steps.length - 1
    if (message !== undefined && message !== this.#report.steps[index]?.message) this.#step(index, { message })
  }

  packages(packages: readonly ReportedPackage[]): void {
    this.#change({ packages })
  }

  /** Changes the status of every package of which `which` is true. */
  setStatus(status: PackageStatus, which: (one: ReportedPackage) => boolean = () => true, message?: string): void {
    const packages = this.#report.packages.map((one) =>
      which(one) ? { ...one, status, ...(message === undefined ? {} : { message }) } : one,
    )
    this.#change({ packages })
  }

  /** An archive without a profile doesn't say whose service it is: the running instance does. */
  namesService(serviceClass: string, serviceName: string): void {
    const packages = this.#report.packages.map((one) =>
      one.serviceClass === '' && one.serviceName === '' ? { ...one, serviceClass, serviceName } : one,
    )
    this.#change({ packages })
  }

  hasStarted(instance: DeploymentReport['newInstances'][number]): void {
    this.#change({ newInstances: [...this.#report.newInstances, instance] })
  }

  notices(problems: readonly Problem[]): void {
    this.#change({ problems: [...this.#report.problems, ...problems] })
  }

  /** Keeps `error` as the cause unless there is one already. */
  fails(error: unknown, lastLines: readonly string[] = [], flight?: DeploymentReport['flight']): void {
    if (this.#report.cause !== undefined) return
    this.#change({ cause: errorAsData(error), lastLines, ...(flight === undefined ? {} : { flight }) })
  }

  /** The report as it will be when it is closed now: what is kept in the store before anyone hears of it. */
  closing(outcome: NonNullable<DeploymentReport['outcome']>): DeploymentReport {
    const packages = this.#report.packages.map((one) =>
      one.status === 'DEPLOYED' ? { ...one, status: 'ACTIVATED' as const } : one,
    )
    return { ...this.#report, packages, status: 'CLOSED', outcome, endedAt: new Date().toISOString() }
  }

  close(report: DeploymentReport): void {
    if (this.#report.status === 'CLOSED') return
    this.#change(report)
    this.#listeners.clear()
    this.#close(this.#report)
  }

  #step(index: number, change: Partial<Step>): void {
    const steps = this.#report.steps.map((step, each) => (each === index ? { ...step, ...change } : step))
    this.#change({ steps })
  }

  #change(change: Partial<DeploymentReport>): void {
    this.#report = { ...this.#report, ...change }
    for (const listener of this.#listeners) listener(this.#report)
  }
}

/** An operation that has ended, as it was kept. */
export function keptOperation(report: DeploymentReport): Operation {
  return {
    id: report.id,
    report,
    follow(listener) {
      listener(report)
      return () => {}
    },
    begun: Promise.resolve(),
    closed: Promise.resolve(report),
  }
}
