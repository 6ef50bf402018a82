import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { type ErrorData, errorAsData } from '../service/errors.ts'
import { type CallSocket, listenForCalls } from './call-socket.ts'
import type { Carrier } from './carrier.ts'
import { FrameWriter } from './frame-writer.ts'
import { FrameInvalid, FrameParser, type FrameReceiver } from './frames.ts'
import type { Guard } from './guard/guard.ts'
import { LAST_WORDS } from './hosted-place.ts'
import type { PlaceSpec, PlaceVitals, Supervision } from './place.ts'
import {
  PlaceEnded,
  PlaceOutOfDescriptors,
  PlaceOutOfMemory,
  PlaceOverMemory,
  PlaceSpawnFailed,
} from './place-errors.ts'
import { endTree, identify, openDescriptors, type ProcessId, processTable, treeOf, useOf } from './process-table.ts'

const LOG_TAIL = 16 * 1024
const MEGABYTE = 1024 * 1024
/** Megabytes that a process may have asked for and not used: a fresh one has 80. */
const ASKED_FOR_AHEAD = 256
/** Gives its place to the command after its options. From util-linux; where it isn't, what a service uses is only looked at. */
const prlimit = ['/usr/bin/prlimit', '/bin/prlimit'].find((file) => existsSync(file))

/**
 * One operating system process that runs a service, with the connection to it as file descriptor 3.
 *
 * It is the leader of a process group of its own: a Ctrl-C meant for the node doesn't reach it, and what it left behind
 * ends with it. Nothing of the node's environment, arguments or descriptors goes to it.
 */
export class InstanceProcess implements Carrier {
  readonly writer: FrameWriter
  readonly ended: Promise<ErrorData>
  readonly callSocket: string | undefined
  readonly #child: ChildProcess
  readonly #id: ProcessId | undefined
  /** What it has started that went out of its group, by number: found again when nothing leads to it any more. */
  #escaped = new Map<number, ProcessId>()
  /** Its descriptors were all open when they were last looked at. */
  #exhausted = false
  #exited = false

  /** @throws {PlaceSpawnFailed} */
  constructor(
    runtimeFile: string,
    private readonly spec: PlaceSpec,
    receiver: FrameReceiver,
    private readonly guard: Guard,
  ) {
    const { child, logged, callSocket } = spawnInstance(runtimeFile, spec)
    this.#child = child
    this.callSocket = callSocket
    // Before any code of the service can run: that is sent to it later.
    this.#id = child.pid === undefined ? undefined : identify(child.pid)
    if (this.#id !== undefined) guard.add(this.#id)
    const socket = child.stdio[3] as Socket | undefined
    if (socket === undefined || socket === null) throw new PlaceSpawnFailed('too few file descriptors')
    this.writer = new FrameWriter(socket)
    const parser = new FrameParser(receiver)
    let invalid: FrameInvalid | undefined
    socket.on('data', (chunk: Buffer) => {
      if (invalid !== undefined) return
      try {
        parser.push(chunk)
      } catch (error) {
        if (!(error instanceof FrameInvalid)) throw error
        invalid = error
        this.kill()
      }
    })
    // What is wrong with the connection shows in its closing.
    socket.on('error', () => {})
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    const outlived = (): void => {
      if (!this.#exited) invalid ??= new FrameInvalid('the service closed its end')
      this.kill()
    }
    void closed.then(() => setTimeout(outlived, LAST_WORDS).unref())

    this.ended = new Promise((resolve) => {
      child.on('error', (error) => {
        if (child.pid === undefined) resolve(errorAsData(new PlaceSpawnFailed(error.message)))
      })
      child.once('exit', async (code, signal) => {
        this.kill()
        this.#exited = true
        if (callSocket !== undefined) rmSync(callSocket, { force: true })
        for (const { pid } of [...(this.#id === undefined ? [] : [this.#id]), ...this.#escaped.values()])
          guard.remove(pid)
        await Promise.race([closed, new Promise((late) => setTimeout(late, LAST_WORDS).unref())])
        socket.destroy()
        if (invalid !== undefined) resolve(errorAsData(invalid))
        else if (signal === 'SIGABRT' && (await ranOutOfMemory(spec, logged))) {
          resolve(errorAsData(new PlaceOutOfMemory(spec.heapMegabytes)))
        } else resolve(errorAsData(new PlaceEnded(code ?? undefined, signal ?? undefined)))
      })
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /**
   * @throws {PlaceOverMemory}
   * @throws {PlaceOutOfDescriptors} twice in a row: one who is about to close some is left alone
   */
  look(): PlaceVitals {
    if (this.#id === undefined || this.#exited) return {}
    const { memoryMegabytes, descriptors: allowed, interval } = this.spec.supervision
    const tree = treeOf(processTable(interval / 2), this.#id, this.#escaped.values())
    if (tree.length === 0) return {}
    this.#note(tree.filter(({ group }) => group !== this.#id?.pid))
    const use = useOf(tree)
    const used = Math.round(use.residentBytes / MEGABYTE)
    if (used > memoryMegabytes) throw new PlaceOverMemory(memoryMegabytes, used, use.processes)
    const descriptors = openDescriptors(this.#id.pid)
    if (descriptors === undefined) return use
    const exhausted = descriptors >= allowed
    if (exhausted && this.#exhausted) throw new PlaceOutOfDescriptors(allowed)
    this.#exhausted = exhausted
    return { ...use, descriptors }
  }

  kill(): void {
    if (this.#exited || this.#id === undefined) return
    endTree(this.#id, this.#escaped.values())
  }

  #note(escaped: readonly ProcessId[]): void {
    const before = this.#escaped
    this.#escaped = new Map(escaped.map(({ pid, startedAt }) => [pid, { pid, startedAt }]))
    for (const [pid, id] of this.#escaped) if (!before.has(pid)) this.guard.add(id)
    for (const pid of before.keys()) if (!this.#escaped.has(pid)) this.guard.remove(pid)
  }
}

interface Spawned {
  readonly child: ChildProcess
  /** How long its log was then. */
  readonly logged: number
  readonly callSocket: string | undefined
}

function spawnInstance(runtimeFile: string, spec: PlaceSpec): Spawned {
  let log: number | undefined
  let listening: CallSocket | undefined
  try {
    if (spec.user !== undefined && process.getuid?.() !== 0) throw new Error('only root can start it as another user')
    listening = spec.callSockets === undefined ? undefined : listenForCalls(spec.callSockets)
    log = openSync(spec.output ?? spec.logFile, 'a', 0o600)
    const command = [
      ...(prlimit === undefined ? [] : [prlimit, ...systemLimits(spec.supervision)]),
      process.execPath,
      `--max-old-space-size=${spec.heapMegabytes}`,
      // Says of each archive without a package.json that its modules had to be looked at.
      '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
      // Read with the first TLS connection. NODE_EXTRA_CA_CERTS would be read at once, a third of the whole start.
      ...(spec.environment.SSL_CERT_FILE === undefined ? [] : ['--use-openssl-ca']),
      runtimeFile,
      spec.garId,
    ] as const
    const logged = statSync(spec.logFile, { throwIfNoEntry: false })?.size ?? 0
    const child = spawn(command[0], command.slice(1), {
      cwd: spec.directory,
      ...spec.user,
      env: { ...spec.environment },
      stdio: ['ignore', log, log, 'pipe', ...(listening === undefined ? [] : [listening.descriptor])],
      detached: true,
    })
    if (hasNoPipes(child)) throw new Error('too few file descriptors')
    return { child, logged, callSocket: listening?.path }
  } catch (error) {
    if (listening !== undefined) rmSync(listening.path, { force: true })
    throw new PlaceSpawnFailed(error instanceof Error ? error.message : String(error))
  } finally {
    if (log !== undefined) closeSync(log)
    listening?.handedOver()
  }
}

/** Without descriptors for pipes nothing was started; the process says so itself when nobody listens any more. */
function hasNoPipes(child: ChildProcess): boolean {
  const stdio = child.stdio as ChildProcess['stdio'] | undefined
  if (stdio !== undefined) return false
  child.once('error', () => {})
  return true
}

/**
 * What the system itself holds a process to. Memory that is asked for faster than anyone looks is refused, some way above
 * the limit, as it is counted when it is asked for and not when it is used. No core is written: it would hold secrets.
 */
function systemLimits({ memoryMegabytes, descriptors }: Supervision): readonly string[] {
  const data = (memoryMegabytes + ASKED_FOR_AHEAD) * MEGABYTE
  return [`--data=${data}`, `--nofile=${descriptors}`, '--core=0']
}

/** V8 says so itself, in the log, before it aborts. What reads a pipe may write it a little later. */
async function ranOutOfMemory({ logFile, output }: PlaceSpec, from: number): Promise<boolean> {
  const deadline = Date.now() + (output === undefined ? 0 : LAST_WORDS)
  for (;;) {
    if (await saysSo(logFile, from)) return true
    if (Date.now() >= deadline) return false
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function saysSo(logFile: string, from: number): Promise<boolean> {
  try {
    const file = await open(logFile, 'r')
    try {
      const { size } = await file.stat()
      // A file that is shorter than it was is another one.
      const start = Math.max(size < from ? 0 : from, size - LOG_TAIL)
      const { bytesRead, buffer } = await file.read(Buffer.alloc(LOG_TAIL), 0, LOG_TAIL, start)
      return /FATAL ERROR: .*(heap|memory)/.test(buffer.toString('latin1', 0, bytesRead))
    } finally {
      await file.close()
    }
  } catch {
    return false
  }
}
