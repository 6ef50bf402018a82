import { type Figures, killsOf } from '../figures.ts'
import type { Homes } from '../harness/homes.ts'
import type { Built } from '../harness/program.ts'
import { Random } from '../harness/random.ts'
import type { Gar } from '../harness/services.ts'
import { HomeUnderFire } from './home-under-fire.ts'

export interface KillRun {
  readonly homes: Homes
  readonly gars: readonly Gar[]
  /** Deployed in each home besides, and left alone. */
  readonly neighbours: readonly Gar[]
  readonly built: Built
  readonly seed: number
  readonly figures: Figures
  /** How many kills there are to be in the figures. */
  readonly kills: number
  /** How many homes are under fire at a time. */
  readonly atOnce: number
  /** No other node is started then, ms since the epoch. */
  readonly until: number
  readonly tell: (line: string) => void
  readonly save: () => void
}

/** A home has had its share then: its history is full of everything. */
const livesOfHome = 30

/** Kills nodes and what they have started, in several homes at a time, until there were enough or the time is over. */
export async function killAgainAndAgain(run: KillRun): Promise<void> {
  const enough = (): boolean => killsOf(run.figures) >= run.kills || Date.now() > run.until
  const seeds = new Random(run.seed)
  const one = async (): Promise<void> => {
    while (!enough()) await underFire(run, new Random(seeds.whole(1, 2 ** 31 - 1)), enough)
  }
  await Promise.all(Array.from({ length: run.atOnce }, one))
}

async function underFire(run: KillRun, random: Random, enough: () => boolean) {
  const { homes, gars, neighbours, built, figures, tell, save } = run
  const home = homes.next()
  const fire = new HomeUnderFire(home, built, { gars, neighbours }, random, figures)
  await fire.begin()
  for (let life = 1; life <= livesOfHome && !enough() && fire.wrong.length === 0; life += 1) {
    await fire.live()
    save()
  }
  await fire.end()
  for (const what of fire.wrong) {
    figures.violations.push(what)
    tell(`VIOLATION ${what}`)
  }
  save()
  if (fire.wrong.length === 0) homes.remove(home)
  tell(`${killsOf(figures)} kills, ${figures.calls} calls, ${figures.violations.length} violations`)
}
