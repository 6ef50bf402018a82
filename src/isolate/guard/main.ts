import { endTree, type ProcessId } from '../process-table.ts'

// Outlives the node by a moment: when the pipe from the node closes, however the node ended, everything that the node
// has named ends too, whatever it does. Lines are `+<pid> <started at>` and `-<pid>`.

const guarded = new Map<number, ProcessId>()
let rest = ''

process.stdin.setEncoding('latin1').on('data', (chunk: string) => {
  const lines = (rest + chunk).split('\n')
  rest = lines.pop() as string
  for (const line of lines) {
    const [pid, startedAt] = line.slice(1).split(' ').map(Number) as [number, number | undefined]
    if (line.startsWith('+')) guarded.set(pid, { pid, startedAt })
    else guarded.delete(pid)
  }
})
process.stdin.on('close', () => {
  const all = [...guarded.values()]
  for (const one of all) endTree(one)
})
process.stdin.on('error', () => {})
// It is ended by the node alone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
