import { afterAll } from 'vitest'
import type { TestNode } from './node.ts'

/** A service that is called all the while, to see that its callers notice nothing of what another one does. */
export interface Neighbour {
  /** Calls that were answered as they should be. */
  readonly answered: number
  /** What was answered to the others. */
  readonly wrong: readonly unknown[]
}

const CALLERS = 4

/** Deploys a neighbour and calls it until the tests of the file are over. */
export async function callNeighbour(node: TestNode): Promise<Neighbour> {
  const seen = { answered: 0, wrong: [] as unknown[] }
  let over = false
  const caller = async (): Promise<void> => {
    while (!over) {
      const { status, value } = await node.call('/Test/Neighbour', 'version')
      if (status === 200 && value === '1') seen.answered += 1
      else seen.wrong.push({ status, value })
      // Not as fast as it can: the machine has others to serve.
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  await node.deploy({ service: 'Test/Neighbour' })
  const callers = Array.from({ length: CALLERS }, caller)
  afterAll(async () => {
    over = true
    await Promise.all(callers)
  })
  return seen
}
