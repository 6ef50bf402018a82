import { endTree, type ProcessId } from '../process-table.ts'

// Outlives the node by a moment: when the pipe from the node closes, however the node ended, everything that the node
// has named ends too, whatever it does. Its arguments and the lines that
// come are `+<pid> <started at>` and `-<pid>`.

const guarded = new Map<number, ProcessId>()
let rest = ''
process.argv.slice(2).forEach(take)

process.stdin.setEncoding('latin1').on('data', (chunk: string) => {
  const lines = (rest + chunk).split('\n')
  rest = lines.pop() as string
  lines.forEach(take)
})

function take(line: string): void {
  const [pid, startedAt] = line.slice(1).split(' ').map(Number) as [number, number | undefined]
  if (line.startsWith('+')) guarded.set(pid, { pid, startedAt })
  else guarded.delete(pid)
}

process.stdin.on('close', () => {
  for (const one of guarded.values()) endTree(one)
})
process.stdin.on('error', () => {})
// It is ended by the node alone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
