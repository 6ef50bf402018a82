import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cpuNanoseconds, cpuNanosecondsOfAll, isAlive, memoryOf, processTree } from '../../bench/harness/processes.ts'
import { endProcesses } from '../../bench/harness/stops.ts'
import { temporaryFolder } from '../support/temporary.ts'

/** Its thread starts a child, which uses 100 ms of processor time; then it says the child's process id. */
const family = `
  const { spawn } = require('node:child_process')
  const { Worker, isMainThread, parentPort } = require('node:worker_threads')
  if (isMainThread) new Worker(__filename).on('message', (child) => console.log(child))
  else {
    const work = 'while (process.cpuUsage().user < 1e5); console.log(); setInterval(() => {}, 1000)'
    const child = spawn(process.execPath, ['-e', work], { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.once('data', () => parentPort.postMessage(child.pid))
  }
`

async function startFamily(): Promise<{ parent: number; child: number }> {
  const file = join(temporaryFolder(), 'family.cjs')
  writeFileSync(file, family)
  const started = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const parent = started.pid as number
  onTestFinished(() => endProcesses(parent, 0))
  const line = await new Promise<string>((resolve) => createInterface(started.stdout).once('line', resolve))
  return { parent, child: Number(line) }
}

describe('the processes of a server', () => {
  it('are counted whole, those that a thread of it started too', async () => {
    const { parent, child } = await startFamily()
    expect(processTree(parent)).toEqual([parent, child])
    expect(cpuNanoseconds([child])).toBeGreaterThan(100e6)
    expect(cpuNanoseconds(processTree(parent))).toBeGreaterThan(cpuNanoseconds([parent]) + 100e6)
    expect(cpuNanosecondsOfAll([child])).toBeGreaterThanOrEqual(100e6)
    expect(memoryOf(child)?.proportional).toBeLessThanOrEqual(memoryOf(child)?.resident as number)
  })

  it('keep the time of a thread that has ended, where that is asked for', async () => {
    const before = { living: cpuNanoseconds([process.pid]), all: cpuNanosecondsOfAll([process.pid]) }
    const worker = new Worker('const end = performance.now() + 300; while (performance.now() < end);', { eval: true })
    await once(worker, 'exit')
    expect(cpuNanosecondsOfAll([process.pid]) - before.all).toBeGreaterThan(
      cpuNanoseconds([process.pid]) - before.living,
    )
  })

  it('end together', async () => {
    const { parent, child } = await startFamily()
    await endProcesses(parent, 50)
    expect([parent, child].filter(isAlive)).toEqual([])
  })
})
