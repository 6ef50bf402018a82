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
import { Strike } from '../harness/strike.ts'
import { errorIn, hasCode, type Trial, type UnderFaults, whatWasStruck } from './under-faults.ts'

/** What is asked of a node while its file-system calls fail. */
export const nodeCommands = [
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
export type NodeCommand = (typeof nodeCommands)[number]
type Asked = Exclude<NodeCommand, 'start' | 'stop'>

/** How long a node may take to stop, with calls that fail, and its services to come after such calls, ms. */
const patience = 60_000

/** One home in which a command is given again and again, and each time another file-system call of it fails. */
export class HomeUnderFaults implements UnderFaults {
  readonly wrong: string[] = []
  readonly #memory
  readonly #strike: Strike
  readonly #stubs: Gar
  readonly #user: Gar
  readonly #beside: Gar
  #node: NodeUnderTest | undefined
  /** What the fault met last. */
  #first = ''

  constructor(
    private readonly home: string,
    private readonly built: Built,
    gars: readonly Gar[],
    private readonly command: NodeCommand,
  ) {
    this.#memory = newMemory(gars)
    this.#strike = new Strike(built.library, `${home}.strike`, home)
    this.#stubs = gars.find(({ bringsStubs }) => bringsStubs) as Gar
    this.#user = gars.find(({ usesStubs, bringsStubs }) => usesStubs && !bringsStubs) as Gar
    this.#beside = gars.find(({ usesStubs, thread }) => thread && !usesStubs) as Gar
  }

  /** Starts the node, with the service that is tried, one that uses its stubs, and one beside them. */
  async begin(): Promise<void> {
    await this.#start()
    for (const gar of [this.#stubs, this.#user, this.#beside]) {
      await this.#done(deployOf(this.#memory.model, gar.another()))
    }
  }

  async end(): Promise<void> {
    this.#node?.kill()
    await this.#node?.ended
    this.#strike.close()
  }

  async try(trial: Trial, figures: FaultFigures): Promise<void> {
    const { command } = this
    try {
      if (command === 'start') await this.#tryStart(trial, figures)
      else if (command === 'stop') await this.#tryStop(trial, figures)
      else await this.#tryOperation(command, trial, figures)
      for (const what of await violations(this.#running, this.#memory)) this.#tell(trial, what)
    } catch (error) {
      this.#tell(trial, error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
  }

  /** What couldn't be removed goes with the next operation that tidies up; this one changes nothing else. */
  async #tidied(): Promise<void> {
    const { model } = this.#memory
    const { versions, garId } = this.#beside
    const live = versions.find(({ label }) => label === model.known(garId)?.label) as Version
    await this.#done(deployOf(model, live))
  }

  get #running(): NodeUnderTest {
    if (this.#node === undefined || this.#node.isOver) throw new Error('the node is gone')
    return this.#node
  }

  async #tryOperation(command: Asked, trial: Trial, figures: FaultFigures): Promise<void> {
    const { model } = this.#memory
    const operation = await this.#prepare(command)
    const { client } = this.#running
    this.#strike.fail(trial.fault, trial.nth, trial.mode)
    const { said, error } = await perform(client, model, operation)
    if (!this.#struck(trial, figures)) {
      if (said !== 'done' && !operation.version?.bad) this.#tell(trial, `${said} without a fault: ${error?.message}`)
      return
    }
    if (said === 'doubt') {
      const ended = await Promise.race([this.#running.ended, pause(2000)])
      throw new Error(
        `the node said nothing: ${error?.message} ${ended?.signal ?? ''} ${ended?.stderr.slice(-2000) ?? ''}`,
      )
    }
    this.#count(trial, figures, said === 'refused' ? error : undefined)
    const live = (await client.list()).find(({ garId }) => garId === operation.garId)
    const label = this.#stubs.versions.find(({ digest }) => digest === live?.digest)?.label ?? ''
    const wrong = model.find(operation.garId, live && { label, desired: live.desired })
    if (wrong !== undefined) this.#tell(trial, `after it was ${said} (${error?.message ?? ''}): ${wrong}`)
    if (said === 'refused' && !operation.version?.bad) return this.#done(operation)
    // What is kept of a failure tidies up for itself, with the next failure.
    if (operation.version?.bad && trial.mode !== 'once') await perform(client, model, operation)
    await this.#tidied()
  }

  /** Brings the node to where the command can be given. */
  async #prepare(command: Asked): Promise<Operation> {
    const { model } = this.#memory
    const gar = this.#stubs
    const isThere = model.known(gar.garId) !== undefined
    if (command === 'deploy' && isThere) await this.#done(undeployOf(gar))
    if (command !== 'deploy' && !isThere) await this.#done(deployOf(model, gar.another()))
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

  /** The node is killed and started while calls fail. It comes up with all of it, or the next start does. */
  async #tryStart(trial: Trial, figures: FaultFigures): Promise<void> {
    await this.#killed()
    this.#leaveRubbish()
    const node = this.#newNode()
    this.#node = node
    this.#strike.fail(trial.fault, trial.nth, trial.mode)
    const up = await node.started()
    const met = this.#struck(trial, figures)
    const causes = 'ms' in up ? await this.#causes() : []
    if (met) {
      // lmdb 3.5.6 ends the process when it can't open its files; nothing has been touched then.
      const byLmdb = 'signal' in up && up.signal === 'SIGSEGV' && this.#first.includes(' /var/store/')
      const failed = 'ms' in up || byLmdb ? [] : [errorIn(up.stdout)]
      for (const error of [...failed, ...causes]) this.#checkCode(trial, error)
      if (byLmdb) figures.ended += 1
      else if (failed.length + causes.length > 0) figures.refused += 1
      else figures.done += 1
    }
    if ('ms' in up) {
      await this.#allCome()
      if (met) await this.#tidied()
      return
    }
    await this.#killed()
    await this.#start()
  }

  /** Why instances aren't ready. */
  async #causes(): Promise<readonly ErrorData[]> {
    const instances = await this.#running.client.instances(false)
    return instances.flatMap(({ state, cause }) => (state === 'ready' ? [] : (cause ?? [])))
  }

  /** What failed is started again by its policy, now that nothing fails any more. */
  async #allCome(): Promise<void> {
    const giveUp = Date.now() + patience
    for (;;) {
      const states = (await this.#running.client.instances(false)).map(({ state }) => state)
      if (states.every((state) => state === 'ready') || Date.now() > giveUp) return
      await pause(20)
    }
  }

  /** Something for the start to take away. */
  #leaveRubbish(): void {
    const unnamed = `${this.home}/deployments/left_behind/0123`
    mkdirSync(unnamed, { recursive: true })
    writeFileSync(`${unnamed}/file`, 'left behind')
    cpSync(unnamed, `${this.home}/deployments/.staging/left-behind`, { recursive: true })
  }

  async #tryStop(trial: Trial, figures: FaultFigures): Promise<void> {
    const node = this.#running
    this.#strike.fail(trial.fault, trial.nth, trial.mode)
    const late = setTimeout(() => node.kill(), patience)
    const { code, signal, stderr } = await node.stop()
    clearTimeout(late)
    if (this.#struck(trial, figures)) {
      figures.done += 1
      if (code !== 0) this.#tell(trial, `the node ended with ${code ?? signal}: ${stderr.slice(-1000)}`)
    }
    await this.#start()
  }

  async #start(): Promise<void> {
    this.#node = this.#newNode()
    const up = await this.#node.started()
    if (!('ms' in up)) throw new Error(`the node doesn't start: ${up.stdout} ${up.stderr}`)
  }

  #newNode(): NodeUnderTest {
    const node = new NodeUnderTest(this.built.program, this.home, this.#strike.environment)
    // What lives on of a node that was killed is what the kills look at.
    node.descendants.stop()
    return node
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
  #struck(trial: Trial, figures: FaultFigures): boolean {
    const { first, met } = whatWasStruck(this.#strike, trial, figures)
    this.#first = first
    return met
  }

  #count(trial: Trial, figures: FaultFigures, error: ErrorData | undefined): void {
    if (error === undefined) {
      figures.done += 1
      return
    }
    figures.refused += 1
    this.#checkCode(trial, error)
  }

  #checkCode(trial: Trial, error: ErrorData | undefined): void {
    if (!hasCode(error)) this.#tell(trial, `the error has no code of its own: ${JSON.stringify(error)}`)
  }

  #tell({ fault, nth, mode }: Trial, what: string): void {
    this.wrong.push(`${this.command}, ${fault} at call ${nth} ${mode} (${this.#first}), home ${this.home}: ${what}`)
  }
}
