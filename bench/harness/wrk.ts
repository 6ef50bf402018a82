import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Load, type LoadGenerator, type LoadOptions, resultIn } from './load.ts'
import type { Request } from './server.ts'

const script = fileURLToPath(new URL('wrk.lua', import.meta.url))

/** wrk: one thread, far cheaper for each call than any server here. */
export const wrk: LoadGenerator = { name: 'wrk', start }

function start({ url, body, contentType }: Request, { connections, seconds, cpu, statuses }: LoadOptions): Load {
  const child = spawn(
    'taskset',
    ['-c', String(cpu), 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, url],
    {
      env: {
        ...process.env,
        CALL_BODY: body,
        CALL_TYPE: contentType,
        ...(statuses === true ? { CALL_STATUSES: '1' } : {}),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const result = new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve(output))
  })
  // Connections without TLS cost next to nothing.
  return { ready: Promise.resolve(), stop: () => void child.kill('SIGINT'), result: result.then(resultIn) }
}
