import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { openPlain, openSecure, secureContextOf } from '../../client/open-connection.ts'
import { callUntil } from './caller.ts'
import { Histogram } from './histogram.ts'
import type { LoadMessage, LoadOrder } from './load-messages.ts'

// One process of `dhn bench`: takes a LoadOrder, tells each second what it found, and ends.

process.once('message', (order: LoadOrder) => {
  load(order).then(
    () => tell({ done: true }),
    (error: unknown) => {
      console.error(error)
      process.exitCode = 1
      process.disconnect()
    },
  )
})
// Nobody listens any more.
process.once('disconnect', () => process.exit())

async function load(order: LoadOrder): Promise<void> {
  const { connections, begin, end, ramp, timeout } = order
  const open = opener(order)
  const request = requestOf(order)
  const lastSecond = Math.ceil((end - begin) / 1000) - 1
  let times = new Histogram()
  let errors: Record<string, number> = {}
  let opened = 0
  let second = 0
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    tell({ second: { second, open: opened, times: times.data(), errors } })
    second += 1
    times = new Histogram()
    errors = {}
  }
  /** The last answers come a little after the end: the last second is told of when they are here. */
  const tick = (): void => {
    if (second >= lastSecond) return
    timer = setTimeout(
      () => {
        flush()
        tick()
      },
      begin + (second + 1) * 1000 - Date.now(),
    )
  }
  await pause(Math.max(0, begin - Date.now()))
  tick()
  const ended = (): boolean => Date.now() >= end
  const caller = async (place: number): Promise<void> => {
    await pause((ramp * place) / connections)
    await callUntil(ended, {
      request,
      timeout,
      open,
      answered: (microseconds) => times.add(microseconds),
      failed: (what) => {
        errors[what] = (errors[what] ?? 0) + 1
      },
      opened: (by) => {
        opened += by
      },
    })
  }
  await Promise.all(Array.from({ length: connections }, (_, place) => caller(place)))
  clearTimeout(timer)
  flush()
}

function opener({ url, tls, timeout }: LoadOrder): () => Promise<Socket> {
  const { hostname, port, protocol } = new URL(url)
  const goal = { host: hostname, port: port || (protocol === 'https:' ? 443 : 80), connectWithin: timeout }
  const context = tls && secureContextOf(tls)
  return () =>
    new Promise((resolve, reject) => {
      const settled = (error: Error | null, socket: Socket): void => (error === null ? resolve(socket) : reject(error))
      if (context === undefined) openPlain(goal, settled)
      else openSecure(goal, context, tls?.trust, settled)
    })
}

function requestOf({ url, headers, form }: LoadOrder): Buffer {
  const { host, pathname } = new URL(url)
  return Buffer.from(
    `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
      `Content-Length: ${Buffer.byteLength(form)}\r\n${headers}\r\n${form}`,
  )
}

function tell(message: LoadMessage): void {
  process.send?.(message, undefined, undefined, () => {
    if ('done' in message) process.disconnect()
  })
}
