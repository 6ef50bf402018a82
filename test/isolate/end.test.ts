import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ownCa } from '../support/own-ca.ts'
import { placeFor, serviceModule } from '../support/place.ts'
import { temporaryFolder } from '../support/temporary.ts'

const service = (body: string): { lib: Record<string, string> } => ({ lib: { 'test/Service.js': serviceModule(body) } })

/** Waits until the process is gone, reaped or not. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('the end of a place', () => {
  it.each([
    [
      'process.exit(7)',
      'process.exit(7)',
      { code: 'DHN_PLACE_ENDED', message: "the service's process ended with exit code 7", facts: { exitCode: 7 } },
    ],
    [
      'process.exit(0)',
      'process.exit(0)',
      { code: 'DHN_PLACE_ENDED', message: "the service's process ended with exit code 0", facts: { exitCode: 0 } },
    ],
    [
      'process.abort()',
      'process.abort()',
      { code: 'DHN_PLACE_ENDED', message: "the service's process was ended by SIGABRT", facts: { signal: 'SIGABRT' } },
    ],
    ['a signal', 'process.kill(process.pid, "SIGTERM")', { code: 'DHN_PLACE_ENDED', facts: { signal: 'SIGTERM' } }],
    [
      'a throw in a timer',
      'setTimeout(() => { throw new TypeError("late") }, 1)',
      {
        code: 'DHN_SERVICE_CRASHED',
        message: 'an exception in the service was not caught: TypeError: late',
        facts: { kind: 'uncaughtException' },
      },
    ],
    [
      'an unhandled rejection',
      'void Promise.reject(new Error("lost"))',
      {
        code: 'DHN_SERVICE_CRASHED',
        message: 'a rejection in the service was not caught: Error: lost',
        facts: { kind: 'unhandledRejection' },
      },
    ],
    [
      'a rejection with nothing',
      'void Promise.reject()',
      { code: 'DHN_SERVICE_CRASHED', facts: { kind: 'unhandledRejection' } },
    ],
    [
      'a full heap',
      'const a = []; for (;;) a.push(new Array(1000).fill({}))',
      {
        code: 'DHN_PLACE_OUT_OF_MEMORY',
        message: "the service's heap was full at 64 MB",
        facts: { heapMegabytes: 64 },
      },
    ],
    [
      'a full heap of large things',
      'const a = new Map(); for (let i = 0; ; i++) a.set(i, i)',
      { code: 'DHN_PLACE_OUT_OF_MEMORY' },
    ],
    [
      'a write to the descriptor of the node',
      'process.binding; import("node:fs").then((fs) => fs.writeSync(3, Buffer.alloc(64, 255)))',
      { code: 'DHN_FRAME_INVALID' },
    ],
    [
      'the closing of that descriptor',
      'import("node:fs").then((fs) => fs.closeSync(3))',
      { code: 'DHN_FRAME_INVALID', facts: { found: 'the service closed its end' } },
    ],
  ])('by %s tells its cause', async (_how, code, cause) => {
    const { place, ended, call } = placeFor(service(`export_end() { ${code}; return new Promise(() => {}) }`))
    await place.start()
    const reply = await call('end')
    expect(reply.status).toBe(500)
    expect(await ended).toMatchObject(cause)
    await place.stop()
    await place.kill()
  })

  it('is told once, and not at all when it was asked for', async () => {
    const causes: string[] = []
    const listener = { ended: (cause: { code: string }) => void causes.push(cause.code) }
    const crashed = placeFor({ ...service('export_end() { process.exit(1) }'), listener })
    await crashed.place.start()
    await crashed.call('end')
    await crashed.place.stop()
    expect(causes).toEqual(['DHN_PLACE_ENDED'])
    for (const how of ['stop', 'kill'] as const) {
      const { place } = placeFor({ ...service(''), listener })
      await place.start()
      await Promise.all([place[how](), place[how]()])
      await gone(place.pid as number)
    }
    expect(causes).toEqual(['DHN_PLACE_ENDED'])
  })

  it('by stop lets the service end its things, the last made first', async () => {
    const text = `let made = 0
      export class Service {
        init() { this.number = ++made }
        async destroy() { await new Promise(setImmediate); console.log('destroy ' + this.number); if (this.number === 2) throw new Error('not now') }
      }`
    const { place, log } = placeFor({
      lib: { 'test/Service.js': text },
      services: [{ name: 'A/B' }, { name: 'A/C' }, { name: 'A/D' }],
    })
    await place.start()
    await place.stop()
    expect(
      log()
        .split('\n')
        .filter((line) => line.startsWith('destroy')),
    ).toEqual(['destroy 3', 'destroy 2', 'destroy 1'])
    expect(log()).toContain('A/C: destroy() failed')
  })

  it('by stop is forced when the service does not end', async () => {
    const limits = { start: 15_000, ready: 1, callback: 1, stop: 150 }
    const { place } = placeFor({ ...service('destroy() { return new Promise(() => {}) }'), spec: { limits } })
    await place.start()
    await place.stop()
    await gone(place.pid as number)
  })

  it('takes with it what the service started', async () => {
    const { place, call } = placeFor(
      service(
        `async export_spawn() { const { spawn } = await import('node:child_process'); return S_OK(spawn('sleep', ['1000']).pid) }`,
      ),
    )
    await place.start()
    const { Value } = JSON.parse((await call('spawn')).body)
    await place.stop()
    await gone(Value)
  })

  it('comes with the end of its node, idle or in a callback', async () => {
    const folder = temporaryFolder()
    const { spec } = placeFor(
      service(
        `static { gCubeStartupManager.registerRI('A', 'B', { ...callback, ready: () => new Promise(() => {}) }) }`,
      ),
    )
    const node = spawn(
      process.execPath,
      [
        '--import',
        import.meta.resolve('tsx'),
        fileURLToPath(new URL('../support/node-with-places.ts', import.meta.url)),
        JSON.stringify([spec, { ...spec, logFile: join(folder, 'second.log') }]),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [line] = (await once(node.stdout.setEncoding('utf8'), 'data')) as [string]
    const pids = JSON.parse(line) as number[]
    for (const pid of pids) process.kill(pid, 0)
    node.kill('SIGKILL')
    await Promise.all(pids.map(gone))
  })
})

describe('the process of a place', () => {
  it('has the environment, arguments, descriptors and working directory it was given, and nothing more', async () => {
    const environment = { LANG: 'C.UTF-8', SSL_CERT_FILE: '/ca.pem' }
    const { place, spec, call } = placeFor({
      ...service(
        `async export_look() { return S_OK({ env: { ...process.env }, argv: process.argv, execArgv: process.execArgv, cwd: process.cwd() }) }`,
      ),
      spec: { environment, jndi: { 'java:comp/env/secret': 'hidden' } },
    })
    await place.start()
    const { Value } = JSON.parse((await call('look')).body)
    expect(Value.env).toEqual(environment)
    expect(Value.cwd).toBe(spec.directory)
    expect(Value.argv.slice(2)).toEqual(['test'])
    expect(Value.execArgv[0]).toBe('--max-old-space-size=64')
    expect(readFileSync(`/proc/${place.pid}/cmdline`, 'utf8')).not.toContain('hidden')
    expect(readFileSync(`/proc/${place.pid}/environ`, 'utf8')).not.toContain('PATH')
    const descriptors = `/proc/${place.pid}/fd`
    const open = readdirSync(descriptors).map((number) => readlinkSync(join(descriptors, number)))
    const own = /^(\/dev\/null|pipe:|anon_inode:)/
    expect(
      open
        .filter((target) => !own.test(target))
        .map((target) => target.replace(/:\[\d+\]$/, ''))
        .sort(),
    ).toEqual([spec.logFile, spec.logFile, 'socket'].sort())
  })

  it('trusts over TLS whom the file has that its environment names', async () => {
    const ca = ownCa()
    const trust = temporaryFolder()
    ca.publish(trust)
    const authority = readdirSync(trust).find((name) => name.endsWith('.0')) as string
    const { certificatePem: cert, keyPem: key } = ca.host()
    const server = createServer({ cert, key }, (_, response) => response.end('hello')).listen(0, 'localhost')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { place, call } = placeFor({
      ...service(`async export_ask(url) { return S_OK(await (await fetch(url)).text()) }`),
      spec: { environment: { SSL_CERT_FILE: join(trust, authority) } },
    })
    await place.start()
    const url = `https://localhost:${(server.address() as AddressInfo).port}`
    expect(JSON.parse((await call('ask', [url])).body)).toMatchObject({ OK: true, Value: 'hello' })
  })

  it('writes what it prints to its log, after what was there', async () => {
    const { place, call, log, spec } = placeFor(
      service(
        `export_print() { console.log('out'); console.error('err'); logger.warn('careful\\nsecond line'); return S_OK() }`,
      ),
    )
    await place.start()
    await call('print')
    expect(log()).toMatch(/^out\nerr\n\d{4}-\d\d-\d\dT[\d:.]+Z WARN {2}service: careful\n {2}second line\n$/)
    await place.stop()
    const again = placeFor({ ...service('static { console.log("again") }'), spec: { logFile: spec.logFile } })
    await again.place.start()
    expect(log()).toMatch(/^out\n[\s\S]*\nagain\n$/)
  })

  it('runs on when the terminal of the node is interrupted: it leads a group of its own', async () => {
    const { place } = placeFor(service(''))
    await place.start()
    const [, , , , group] = readFileSync(`/proc/${place.pid}/stat`, 'utf8')
      .replace(/\(.*\)/, 'x')
      .split(' ')
    expect(Number(group)).toBe(place.pid)
  })
})
