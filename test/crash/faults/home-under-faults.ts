import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { ErrorData } from '../../../src/service/errors.ts'
import type { FaultFigures } from '../figures.ts'
import { newMemory, violations } from '../harness/invariants.ts'
import { NodeUnderTest } from '../harness/node-under-test.ts'
import {
  deployOf,
  desireOf,
  type Operation,
  perform,
  restartOf,
  rollbackOf,
  undeployOf,
} from '../harness/operations.ts'
import type { Built } from '../harness/program.ts'
import type { Gar, Version } from '../harness/services.ts'
import { type Fault, Strike } from '../harness/strike.ts'

/** What is asked of a node while its file-system calls fail. */
export const commands = [
  'deploy',
  'upgrade',
  'upgrade that fails',
  'rollback',
  'rollback out of the archive',
  'undeploy',
  'disable',
  'enable',
  'restart',
  'start',
  'stop',
] as const
export type Command = (typeof commands)[number]

export interface Trial {
  readonly fault: Fault
  readonly nth: number
  readonly mode: 'once' | 'from then on'
}

/** How long a node may take to notice that it is asked to stop, with calls that fail, ms. */
const patience = 60_000

/** One home in which a command is given again and again, and each time another file-system call of it fails. */
export class HomeUnderFaults {
  readonly wrong: string[] = []
  readonly #memory
  readonly #strike: Strike
  readonly #stubs: Gar
  #node: NodeUnderTest | undefined
  /** What the fault met last. */
  #first = ''

  constructor(
    private readonly home: string,
    private readonly built: Built,
    gars: readonly Gar[],
  ) {
    this.#memory = newMemory(gars)
    this.#strike = new Strike(built.library, `${home}.strike`, home)
    this.#stubs = gars.find(({ bringsStubs }) => bringsStubs) as Gar
  }

  /** Starts the node, with a service beside the one that is tried, and one that uses its stubs. */
  async begin(): Promise<void> {
    await this.#start()
    for (const gar of [this.#stubs, ...this.#memory.gars.filter((one) => one !== this.#stubs)].slice(0, 3)) {
      await this.#done(deployOf(this.#memory.model, gar.another()))
    }
  }

  async end(): Promise<void> {
    this.#node?.kill()
    await this.#node?.ended
    this.#strike.close()
  }

  /** Adds to `figures` what came of it; `complete` when the command no longer meets the fault. */
  async try(command: Command, trial: Trial, figures: FaultFigures): Promise<void> {
    try {
      if (command === 'start') await this.#tryStart(trial, figures)
      else if (command === 'stop') await this.#tryStop(trial, figures)
      else {
        await this.#tryOperation(command, trial, figures)
        await this.#tidied()
      }
      for (const what of await violations(this.#running, this.#memory)) this.#tell(command, trial, what)
    } catch (error) {
      this.#tell(command, trial, error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
  }

  /** What couldn't be removed goes with the next operation that tidies up; this one changes nothing else. */
  async #tidied(): Promise<void> {
    const { gars, model } = this.#memory
    const beside = gars.find(({ usesStubs, garId }) => !usesStubs && model.known(garId) !== undefined) as Gar
    const live = beside.versions.find(({ label }) => label === model.known(beside.garId)?.label) as Version
    await this.#done(deployOf(model, live))
  }

  get #running(): NodeUnderTest {
    if (this.#node === undefined || this.#node.isOver) throw new Error('the node is gone')
    return this.#node
  }

  async #tryOperation(command: Exclude<Command, 'start' | 'stop'>, trial: Trial, figures: FaultFigures): Promise<void> {
    const { model } = this.#memory
    const operation = await this.#prepare(command)
    const { client } = this.#running
    this.#strike.fail(trial.fault, trial.nth, trial.mode)
    const { said, error } = await perform(client, model, operation)
    if (!this.#struck(figures)) {
      if (said !== 'done' && !operation.version?.bad)
        this.#tell(command, trial, `${said} without a fault: ${error?.message}`)
      return
    }
    if (said === 'doubt') {
      const ended = await Promise.race([this.#running.ended, pause(2000)])
      throw new Error(
        `the node said nothing: ${error?.message} ${ended?.signal ?? ''} ${ended?.stderr.slice(-2000) ?? ''}`,
      )
    }
    this.#count(command, trial, figures, said === 'refused' ? error : undefined)
    const live = (await client.list()).find(({ garId }) => garId === operation.garId)
    const label = this.#stubs.versions.find(({ digest }) => digest === live?.digest)?.label ?? ''
    const wrong = model.find(operation.garId, live && { label, desired: live.desired })
    if (wrong !== undefined) this.#tell(command, trial, `after it was ${said}: ${wrong}`)
    if (said === 'refused' && !operation.version?.bad) await this.#done(operation)
  }

  /** Brings the node to where the command can be given. */
  async #prepare(command: Exclude<Command, 'start' | 'stop'>): Promise<Operation> {
    const { model } = this.#memory
    const gar = this.#stubs
    const isThere = model.known(gar.garId) !== undefined
    if (command === 'deploy' && isThere) await this.#done(undeployOf(gar))
    if (command !== 'deploy' && (!isThere || command.startsWith('rollback'))) {
      await this.#done(deployOf(model, gar.another()))
    }
    if (command.startsWith('rollback')) {
      await this.#done(deployOf(model, gar.another()))
      const rollback = (await rollbackOf(this.#running.client, model, gar)) as Operation
      const target = gar.versions.find(({ label }) => label === rollback.after?.label) as Version
      if (command !== 'rollback') {
        rmSync(this.#running.home.deployments(gar.garId, target.digest), { recursive: true })
      }
      return rollback
    }
    const desired = model.known(gar.garId)?.desired
    if (desired === 'disabled' && command !== 'enable') await this.#done(desireOf(model, gar, 'ready'))
    if (desired === 'ready' && command === 'enable') await this.#done(desireOf(model, gar, 'disabled'))
    switch (command) {
      case 'deploy':
      case 'upgrade':
        return deployOf(model, gar.another())
      case 'upgrade that fails':
        return deployOf(model, gar.another(true))
      case 'undeploy':
        return undeployOf(gar)
      case 'restart':
        return restartOf(model, gar)
      default:
        return desireOf(model, gar, command === 'enable' ? 'ready' : 'disabled')
    }
  }

  /** The node is killed and started while calls fail; whatever comes of it, the next start finds all as it was. */
  async #tryStart(trial: Trial, figures: FaultFigures): Promise<void> {
    const { home, built } = this
    await this.#killed()
    const rubbish = this.#leaveRubbish()
    const node = new NodeUnderTest(built.program, home, this.#strike.environment)
    this.#node = node
    this.#strike.fail(trial.fault, trial.nth, trial.mode)
    const up = await node.started()
    if (this.#struck(figures)) {
      // lmdb 3.5.6 ends the process when it can't open its files; nothing has been touched then.
      const byLmdb = 'signal' in up && up.signal === 'SIGSEGV' && this.#first.includes(' /var/store/')
      const failed = 'ms' in up || byLmdb ? [] : [errorOf(up.stdout)]
      const instances = 'ms' in up ? await node.client.instances(false) : []
      const causes = instances.flatMap(({ state, cause }) => (state === 'failed' ? [cause] : []))
      for (const error of [...failed, ...causes]) this.#checkCode('start', trial, error)
      if (byLmdb) figures.ended += 1
      else if (failed.length + causes.length > 0) figures.refused += 1
      else figures.done += 1
    }
    await this.#killed()
    rmSync(rubbish, { recursive: true, force: true })
    await this.#start()
  }

  /** Something for the start to take away. */
  #leaveRubbish(): string {
    const unnamed = `${this.home}/deployments/left_behind/0123`
    mkdirSync(unnamed, { recursive: true })
    writeFileSync(`${unnamed}/file`, 'left behind')
    cpSync(unnamed, `${this.home}/deployments/.staging/left-behind`, { recursive: true })
    return `${this.home}/deployments/left_behind`
  }

  async #tryStop(trial: Trial, figures: FaultFigures): Promise<void> {
    const node = this.#running
    this.#strike.fail(trial.fault, trial.nth, trial.mode)
    const late = setTimeout(() => node.kill(), patience)
    const { code, signal, stderr } = await node.stop()
    clearTimeout(late)
    if (this.#struck(figures)) {
      figures.done += 1
      if (code !== 0) this.#tell('stop', trial, `the node ended with ${code ?? signal}: ${stderr.slice(-1000)}`)
    }
    await this.#start()
  }

  async #start(): Promise<void> {
    this.#node = new NodeUnderTest(this.built.program, this.home, this.#strike.environment)
    const up = await this.#node.started()
    if (!('ms' in up)) throw new Error(`the node doesn't start: ${up.stdout} ${up.stderr}`)
  }

  async #killed(): Promise<void> {
    this.#node?.kill()
    await this.#node?.ended
    this.#strike.disarm()
  }

  /** Without a fault everything that is asked must be done. */
  async #done(operation: Operation): Promise<void> {
    const { said, error } = await perform(this.#running.client, this.#memory.model, operation)
    if (said === 'refused' || said === 'doubt') {
      throw new Error(`${operation.what} of ${operation.garId} is ${said}: ${error?.code} ${error?.message}`)
    }
  }

  /** Whether the fault was met. */
  #struck(figures: FaultFigures): boolean {
    const { times, first } = this.#strike.disarm()
    this.#first = first
    if (times === 0) figures.complete = true
    else figures.struck += 1
    return times > 0
  }

  #count(command: Command, trial: Trial, figures: FaultFigures, error: ErrorData | undefined): void {
    if (error === undefined) {
      figures.done += 1
      return
    }
    figures.refused += 1
    this.#checkCode(command, trial, error)
  }

  #checkCode(command: Command, trial: Trial, error: ErrorData | undefined): void {
    const isOwn = /^DHN_\w+$/.test(error?.code ?? '') && error?.code !== 'DHN_INTERNAL'
    if (!isOwn) this.#tell(command, trial, `the error has no code of its own: ${JSON.stringify(error)}`)
  }

  #tell(command: Command, { fault, nth, mode }: Trial, what: string): void {
    this.wrong.push(`${command}, ${fault} at call ${nth} ${mode} (${this.#first}), home ${this.home}: ${what}`)
  }
}

/** What a command said with `--json` when it failed. */
function errorOf(stdout: string): ErrorData | undefined {
  try {
    const said = JSON.parse(stdout) as { readonly error?: ErrorData } & Partial<ErrorData>
    return said.error ?? (said as ErrorData)
  } catch {
    return { code: 'none', message: stdout }
  }
}
