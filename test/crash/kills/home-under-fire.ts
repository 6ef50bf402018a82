import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { countOne, type Figures } from '../figures.ts'
import { Callers } from '../harness/callers.ts'
import type { Role } from '../harness/descendants.ts'
import { type Memory, newMemory, violations } from '../harness/invariants.ts'
import { type Ended, NodeUnderTest } from '../harness/node-under-test.ts'
import { deployOf, type Operation, perform } from '../harness/operations.ts'
import type { Built } from '../harness/program.ts'
import type { Random } from '../harness/random.ts'
import type { Gar } from '../harness/services.ts'
import { Strike } from '../harness/strike.ts'
import { nextOperation } from './next-operation.ts'
import { leadsTo, nextPlan, type Plan, placeOf } from './plan.ts'

/** A node that isn't killed by then where it was meant to be is killed there and then. */
const mostSteps = 12
/** How long what a node started may outlive it: the keeper of logs reads what is left in its pipes, at most for 3 s. */
const lastWords = 6000
/** How long an instance or a helper that was killed may be away, ms. */
const patience = 20_000

/** One home whose node is killed again and again, and looked at each time it has come back. */
export class HomeUnderFire {
  readonly wrong: string[] = []
  readonly #memory: Memory
  readonly #strike: Strike
  #lives = 0
  #wasKilled = false
  /** It was asked to stop: its callers are refused from now on. */
  #stopping = false
  /** Processes of nodes that are over. */
  #before: NodeUnderTest | undefined

  constructor(
    private readonly home: string,
    private readonly built: Built,
    private readonly services: { readonly gars: readonly Gar[]; readonly neighbours: readonly Gar[] },
    private readonly random: Random,
    private readonly figures: Figures,
  ) {
    this.#memory = newMemory([...services.gars, ...services.neighbours])
    this.#strike = new Strike(built.library, `${home}.strike`, home)
  }

  /** Deploys the neighbours, unharmed. */
  async begin(): Promise<void> {
    if (this.services.neighbours.length === 0) return
    const node = new NodeUnderTest(this.built.program, this.home)
    const { model } = this.#memory
    await node.started()
    for (const one of this.services.neighbours) {
      const { said, error } = await perform(node.client, model, deployOf(model, one.versions[0] ?? one.another()))
      if (said !== 'done') this.wrong.push(`${one.garId} is ${said}: ${error?.message}`)
    }
    await node.stop()
  }

  /** From one start of its node to its end. */
  async live(): Promise<void> {
    this.#lives += 1
    this.#stopping = false
    const plan = nextPlan(this.random, this.figures.kills)
    const armed = plan.at === 'failpoint' ? { DHN_FAILPOINTS: `${plan.name}=kill:${plan.hit}` } : {}
    const strikes = plan.at.startsWith('file call') ? this.#strike.environment : {}
    const node = new NodeUnderTest(this.built.program, this.home, { ...armed, ...strikes })
    try {
      await this.#live(node, plan)
    } catch (error) {
      this.#tell(`${error instanceof Error ? error.stack : error}`, plan)
    } finally {
      this.#strike.disarm()
      if (!node.isOver) node.kill()
      await node.ended
      this.#before = node
    }
  }

  /** Ends what is left; the home may go. */
  async end(): Promise<void> {
    this.#strike.close()
    await this.#nothingIsLeft()
  }

  async #live(node: NodeUnderTest, plan: Plan): Promise<void> {
    if (plan.at === 'file call of the start') this.#strike.kill(node.pid, plan.nth)
    if (plan.at === 'moment of the start') setTimeout(() => node.kill(), plan.after).unref()
    const up = await node.started()
    if (!('ms' in up)) return this.#ended(up, plan, 'start')
    this.#strike.disarm()
    if (plan.at === 'moment of the start') return this.#ended(await node.ended, plan, 'start')
    if (this.#wasKilled) this.#noteRecovery(up.ms)
    for (const what of await violations(node, this.#memory)) this.#tell(what, plan)
    await this.#nothingIsLeft()
    if (this.wrong.length > 0) return

    const callers = new Callers(
      node.url,
      this.#memory.model,
      () => node.isOver || this.#stopping,
      (what) => this.#tell(what, plan),
      this.services.gars,
    )
    try {
      for (let step = 1; !node.isOver && this.wrong.length === 0; step += 1) await this.#step(node, plan, callers, step)
    } finally {
      this.figures.calls += await callers.stop()
    }
  }

  /** An operation or two, with a kill of something in their midst. */
  async #step(node: NodeUnderTest, plan: Plan, callers: Callers, step: number): Promise<void> {
    const enough = step > this.random.whole(2, 6)
    if (step > mostSteps || (enough && (plan.at === 'stop' || plan.at === 'moment of the stop'))) {
      return this.#stop(node, plan)
    }
    const operations = await this.#choose(node, plan)
    if (operations === undefined) return this.#ended(await node.ended, plan, 'between operations')
    const killed = this.random.chance(0.45) ? this.#killHelper(node, plan, callers) : undefined
    if (plan.at === 'file call') this.#strike.kill(node.pid, plan.nth)
    const kill = plan.at === 'moment' && enough ? setTimeout(() => node.kill(), plan.after) : undefined
    await Promise.all(operations.map((one) => this.#perform(node, plan, one, operations, callers)))
    if (kill !== undefined) await node.ended
    this.#strike.disarm()
    const away = await killed
    if (node.isOver) return this.#ended(await node.ended, plan, operations.map(({ what }) => what).join(' and '))
    await away?.()
  }

  /** Undefined when the node ended meanwhile. */
  async #choose(node: NodeUnderTest, plan: Plan): Promise<readonly Operation[] | undefined> {
    const wanted = plan.at === 'failpoint' ? leadsTo(plan.name) : undefined
    try {
      const { gars } = this.services
      const situation = { client: node.client, model: this.#memory.model, gars }
      const first = await nextOperation(this.random, situation, wanted)
      if (!this.random.chance(0.3)) return [first]
      const others = gars.filter(({ garId }) => garId !== first.garId)
      const second = await nextOperation(this.random, { ...situation, gars: others }, wanted)
      return [first, second]
    } catch (error) {
      await Promise.race([node.ended, pause(2000)])
      if (node.isOver) return undefined
      throw error
    }
  }

  async #perform(
    node: NodeUnderTest,
    plan: Plan,
    operation: Operation,
    together: readonly Operation[],
    callers: Callers,
  ): Promise<void> {
    const { model, acknowledged } = this.#memory
    const before = model.known(operation.garId)
    const outcome = await perform(node.client, model, operation)
    countOne(this.figures.operations, `${operation.what} ${outcome.said}`)
    const { said, error, operation: id } = outcome
    const told = `${operation.what} of ${operation.version?.label ?? operation.garId}`
    if (said === 'doubt') {
      if (id !== undefined) this.#memory.doubts.push({ operation, id, before })
      await Promise.race([node.ended, pause(2000)])
      if (!node.isOver) this.#tell(`${told}: the node lives and went away: ${error?.message}`, plan)
      return
    }
    if (id !== undefined) acknowledged.set(id, said)
    const excused = operation.version?.bad || together.length > 1 || callers.disturbed.size > 0
    if (said === 'refused' && (!excused || error?.code === 'DHN_INTERNAL')) {
      this.#tell(`${told} was refused: ${error?.code} ${error?.message}`, plan)
    }
    if (said !== 'refused' && operation.version?.bad) this.#tell(`${told} was done`, plan)
  }

  /** Kills an instance or a helper of the node after a while; resolves with what waits until it is back. */
  async #killHelper(node: NodeUnderTest, plan: Plan, callers: Callers): Promise<(() => Promise<void>) | undefined> {
    const role = this.random.pick(['instance', 'instance', 'instance', 'front', 'keeper', 'guard'] as const) as Role
    await pause(this.random.whole(0, 200))
    const victim = this.random.pick(node.descendants.ofRole(role))
    if (victim === undefined || node.isOver) return undefined
    const { pid, lastWord: garId } = victim
    // Any connection may be the one that breaks with a front.
    const all = this.#memory.gars.map((gar) => gar.garId)
    const disturbed = role === 'instance' ? [garId] : role === 'front' ? all : []
    for (const one of disturbed) callers.disturbed.add(one)
    const killedAt = performance.now()
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      return undefined
    }
    countOne(this.figures.kills, role)
    return async () => {
      const back =
        role === 'instance' ? () => this.#isBack(node, garId, pid) : async () => this.#isThere(node, role, pid)
      while (!node.isOver && !(await back())) {
        if (performance.now() - killedAt > patience) {
          this.#tell(`${role} ${garId} was killed and is not back after ${patience} ms`, plan)
          return
        }
        await pause(20)
      }
      if (role === 'instance') this.figures.returns.push(Math.round(performance.now() - killedAt))
      for (const one of disturbed) callers.disturbed.delete(one)
    }
  }

  /** @param not the process that was killed, which the node may not have noticed yet */
  async #isBack(node: NodeUnderTest, garId: string, not: number): Promise<boolean> {
    const known = this.#memory.model.known(garId)
    if (known === undefined) return true
    const instance = await node.client.instance(garId).catch(() => undefined)
    return instance?.state === known.desired && instance.pid !== not
  }

  #isThere(node: NodeUnderTest, role: Role, not: number): boolean {
    const others = node.descendants.ofRole(role).filter(({ pid }) => pid !== not).length
    if (role === 'front') return others >= 1
    // Without an instance it has nothing to do, and comes back when there is one.
    return others > 0 || node.descendants.ofRole('instance').length === 0
  }

  /** A clean stop leaves a home in order, unless it is killed in the midst of it. */
  async #stop(node: NodeUnderTest, plan: Plan): Promise<void> {
    this.#stopping = true
    if (plan.at === 'moment of the stop') setTimeout(() => node.kill(), plan.after).unref()
    else if (plan.at !== 'stop') node.kill()
    const ended = await node.stop()
    if (ended.signal === 'SIGKILL') return this.#ended(ended, plan, 'the stop')
    this.#wasKilled = false
    if (ended.code !== 0) this.#tell(`the node was stopped and ended with ${ended.code}: ${ended.stderr}`, plan)
  }

  /** Says where it was killed; any other end is wrong. */
  #ended(ended: Ended, plan: Plan, during: string): void {
    this.#wasKilled = true
    if (ended.signal !== 'SIGKILL') {
      this.#tell(`the node ended by itself (${ended.code ?? ended.signal}) during ${during}: ${ended.stderr}`, plan)
      return
    }
    const place = ended.failpoint === undefined ? placeOfPlan(plan) : placeOf(ended.failpoint)
    countOne(this.figures.kills, place)
  }

  #noteRecovery(ms: number): void {
    const { recovered } = this.figures
    const times = recovered[this.#memory.gars.length] ?? []
    recovered[this.#memory.gars.length] = [...times, Math.round(ms)]
  }

  async #nothingIsLeft(): Promise<void> {
    const giveUp = Date.now() + lastWords
    let left = this.#before?.descendants.alive() ?? []
    while (left.length > 0 && Date.now() < giveUp) {
      await pause(50)
      left = this.#before?.descendants.alive() ?? []
    }
    if (left.length > 0) this.wrong.push(`of a node that is over there lives on: ${left.join('; ')}`)
    this.#before = undefined
  }

  #tell(what: string, plan: Plan): void {
    const told = `seed ${this.random.seed}, home ${join(this.home)}, life ${this.#lives}, ${JSON.stringify(plan)}: ${what}`
    this.wrong.push(told)
  }
}

function placeOfPlan(plan: Plan): string {
  return plan.at === 'failpoint' || plan.at === 'stop' ? 'moment' : plan.at
}
