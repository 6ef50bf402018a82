import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Load, LoadGenerator, LoadResult } from './load.ts'
import type { Request } from './server.ts'

/** Calls of one visit. The first tenth opens the connections and counts as such. */
const callsPerSecond = 20_000

/**
 * ApacheBench, of Debian's apache2-utils: for callers with certificates, whom wrk can't be. It has one thread and costs
 * less for each call than any server here, so the server is busy all the time.
 *
 * @param scratch a folder for what it reads: the body and the caller's credentials
 */
export const abLoad = (scratch: string): LoadGenerator => ({
  name: 'ab',
  start(request, { connections, seconds, cpu }): Load {
    const calls = callsPerSecond * seconds
    const args = ['-k', '-s', '10', '-c', String(connections), '-n', String(calls), ...filesOf(request, scratch)]
    const child = spawn('taskset', ['-c', String(cpu), 'ab', ...args, request.url], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const ready = new Promise<void>((resolve) => {
      child.stderr.on('data', (chunk) => {
        output += chunk
        if (output.includes('Completed ')) resolve()
      })
      child.once('close', () => resolve())
    })
    child.stdout.on('data', (chunk) => (output += chunk))
    const result = new Promise<string>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', () => resolve(output))
    })
    return { ready, stop: () => void child.kill('SIGINT'), result: result.then(resultIn) }
  },
})

function filesOf({ body, contentType, tls }: Request, scratch: string): readonly string[] {
  const folder = mkdtempSync(join(scratch, 'ab-'))
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  }
  const shown = tls?.cert === undefined ? [] : ['-E', file('credentials.pem', tls.cert)]
  return ['-p', file('body', body), '-T', contentType, ...shown]
}

/** Without the first tenth, which was over when it was ready. */
function resultIn(output: string): LoadResult {
  const number = (pattern: RegExp): number => {
    const found = pattern.exec(output)?.[1]
    if (found === undefined) throw new Error(`ab said nothing of use:\n${output.slice(-1000)}`)
    return Number(found)
  }
  const all = number(/^Complete requests:\s+(\d+)/m)
  const before = number(/^Completed (\d+) requests/m)
  const share = (all - before) / all
  return {
    calls: all - before,
    seconds: number(/^Time taken for tests:\s+([\d.]+)/m) * share,
    failed: number(/^Failed requests:\s+(\d+)/m) + Number(/^Non-2xx responses:\s+(\d+)/m.exec(output)?.[1] ?? 0),
    p50: number(/^\s+50%\s+(\d+)/m) * 1000,
    p99: number(/^\s+99%\s+(\d+)/m) * 1000,
    statuses: {},
  }
}
