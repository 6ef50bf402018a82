import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Operations whose garbage is collected at a time. */
const each = 20
/** Bytes of a heap beyond which a collection would hold up calls for too long: 256 MiB take about 0.1 s. */
const largest = 256 * 1024 * 1024

/**
 * Collects what operations leave behind, in some 20 ms once in twenty of them. A thread that read an archive, a process and its
 * streams have been there for so long that V8 takes them for old, and it collects what is old only when the heap has grown to
 * four times its size, which then stays with the process.
 */
export class OperationGarbage {
  #operations = 0
  #collect: (() => void) | undefined

  /** An operation has ended. */
  add(): void {
    this.#operations += 1
    if (this.#operations % each !== 0 || getHeapStatistics().used_heap_size > largest) return
    this.#collect ??= collector()
    setImmediate(this.#collect)
  }
}

function collector(): () => void {
  // Only contexts made from now on see the function, and this one alone is made.
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
