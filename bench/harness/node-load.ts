import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Load, type LoadGenerator, type LoadOptions, resultIn } from './load.ts'
import type { Request } from './server.ts'

const program = fileURLToPath(new URL('node-load-process.mjs', import.meta.url))

/**
 * A client of node:http and node:https: where wrk can't be had, and for a connection with a certificate for each call. It is
 * slower than the servers, so calls per second then say little.
 */
export const nodeLoad: LoadGenerator = { name: 'node:http client', start }

function start(request: Request, { connections, seconds, cpu }: LoadOptions): Load {
  const child = spawn('taskset', ['-c', String(cpu), process.execPath, program], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.on('error', () => undefined)
  child.stdin.write(`${JSON.stringify({ ...request, connections, seconds })}\n`)
  let output = ''
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      output += chunk
      resolve()
    })
    child.once('close', () => resolve())
  })
  const result = new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve(output))
  })
  return { ready, stop: () => child.stdin.end(), result: result.then(resultIn) }
}
