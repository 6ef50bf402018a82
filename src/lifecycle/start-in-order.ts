/** Something that is started and stopped with the whole it belongs to. */
export interface Part {
  readonly name: string
  start(): Promise<void> | void
  stop(): Promise<void> | void
}

export interface StartedParts {
  /**
   * Stops what was started, in reverse. A part that throws or takes too long is reported, and the rest go on. Never
   * rejects; safe twice, and after a failed start.
   */
  stop(): Promise<void>
}

export interface StartOptions {
  /** Milliseconds for one part to stop. */
  readonly stopLimit: number
  /** Takes what went wrong while a part stopped; the error of one that took too long says so. */
  readonly onProblem: (part: string, error: unknown) => void
}

/**
 * Starts parts one after another. The one that lets work in, the listener, is the last: it starts when all else is
 * there, and stops first.
 *
 * When one doesn't start, those before it are stopped again, and it is stopped too: it may have begun something.
 *
 * @throws what the part that didn't start threw, once the others have stopped
 */
export async function startInOrder(parts: readonly Part[], options: StartOptions): Promise<StartedParts> {
  const begun: Part[] = []
  const started = makeStop(begun, options)
  try {
    for (const part of parts) {
      begun.push(part)
      await part.start()
    }
  } catch (error) {
    await started.stop()
    throw error
  }
  return started
}

function makeStop(begun: readonly Part[], options: StartOptions): StartedParts {
  let stopped: Promise<void> | undefined
  return {
    stop() {
      stopped ??= stopInReverse(begun, options)
      return stopped
    },
  }
}

async function stopInReverse(begun: readonly Part[], { stopLimit, onProblem }: StartOptions): Promise<void> {
  for (const part of begun.toReversed()) {
    try {
      await withinLimit(part, stopLimit)
    } catch (error) {
      onProblem(part.name, error)
    }
  }
}

async function withinLimit(part: Part, limit: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${part.name} did not stop within ${limit} ms`)), limit)
  })
  try {
    await Promise.race([part.stop(), late])
  } finally {
    clearTimeout(timer)
  }
}
