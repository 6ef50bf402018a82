import { isAlive, processTree } from './processes.ts'

type Stop = () => void | Promise<void>

/** Everything that must not outlive the run, ended in reverse, whatever happened. */
export class Stops {
  readonly #stops: Stop[] = []

  /** Returns a function that does it now, once; later ends pass over it. */
  add(stop: Stop): () => Promise<void> {
    let done = false
    const once = async (): Promise<void> => {
      if (done) return
      done = true
      await stop()
    }
    this.#stops.push(once)
    return once
  }

  async all(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) {
      await Promise.resolve(stop()).catch((error: unknown) => console.error(`while ending: ${String(error)}`))
    }
  }
}

/** Asks the processes below and including `pid` to end, then ends what is left of them by force. */
export async function endProcesses(pid: number, patience = 10_000): Promise<void> {
  const all = processTree(pid)
  signal([pid], 'SIGTERM')
  await gone(all, patience)
  signal(all.filter(isAlive), 'SIGKILL')
  await gone(all, 5000)
}

async function gone(pids: readonly number[], patience: number): Promise<void> {
  const giveUp = Date.now() + patience
  while (Date.now() < giveUp && pids.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 20))
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // It has ended by itself.
    }
  }
}
