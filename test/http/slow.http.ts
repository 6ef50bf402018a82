import { connect, type Socket } from 'node:net'
import { afterAll, expect, it } from 'vitest'
import { marking, path } from './cases.ts'
import { nodeWithMarks } from './node-with-marks.ts'

const peers = 1000
const { port, mark } = nodeWithMarks()
const open: Socket[] = []
afterAll(() => {
  for (const socket of open) socket.destroy()
})

const whole = marking('slow')
const bodyAt = whole.indexOf('\r\n\r\n') + 4
const answers = marking('x'.repeat(10_000))

/** Says a part of a request, and goes on with a byte now and then, or reads nothing of its answers. */
const kinds = [
  { says: '', goesOn: '' },
  { says: `POST ${path} HTTP/1.1\r\nHost: x\r\n`, goesOn: 'X: y\r\n' },
  { says: whole.slice(0, bodyAt), goesOn: '%' },
  { says: answers.repeat(5), goesOn: '' },
] as const

it(`${peers} slow peers keep nobody waiting: of healthy calls 99 in 100 take less than a second`, async () => {
  const opened = Array.from({ length: peers }, async (_, index) => {
    const { says, goesOn } = kinds[index % kinds.length] as (typeof kinds)[number]
    const socket = connect(port(), '127.0.0.1').on('error', () => undefined)
    open.push(socket)
    await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))
    socket.pause().write(says)
    const more = setInterval(() => goesOn !== '' && socket.write(goesOn), 500)
    socket.once('close', () => clearInterval(more))
  })
  await Promise.all(opened)
  const took: number[] = []
  const until = Date.now() + 8000
  const healthy = Array.from({ length: 8 }, async (_, line) => {
    for (let at = 0; Date.now() < until; at += 1) {
      const begun = performance.now()
      expect(await mark(port(), `${line} ${at}`)).toBe(`${line} ${at}`)
      took.push(performance.now() - begun)
    }
  })
  await Promise.all(healthy)
  took.sort((one, other) => one - other)
  const p99 = took[Math.floor(took.length * 0.99)] as number
  console.log(
    `${took.length} calls beside ${peers} slow peers: median ${took[took.length >> 1]?.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
  )
  expect(p99).toBeLessThan(1000)
})
