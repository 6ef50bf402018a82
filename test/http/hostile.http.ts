import { describe, expect, it } from 'vitest'
import { hostileCases } from './cases.ts'
import { exchange, statusesOf } from './exchange.ts'
import { front } from './fronts.ts'
import { nodeWithMarks } from './node-with-marks.ts'

const { port, mark, marks } = nodeWithMarks()

it('there are 150 of them', () => {
  expect(hostileCases.length).toBeGreaterThanOrEqual(150)
})

describe('sent to the node itself', () => {
  it.concurrent.each(hostileCases)('$name: $answers', async ({ answers, text }) => {
    expect(answers.split('|')).toContain(statusesOf(await exchange(port(), text)))
  })

  it('nothing was run that stood inside something else, and the node goes on', async () => {
    expect(await marks()).not.toHaveProperty('smuggled')
    expect(await mark(port(), 'after')).toBe('after')
  })
})

describe.each(['nginx', 'haproxy'] as const)('sent to %s before the node', (kind) => {
  const proxy = front(kind, port)

  it('is nobody else’s answer: each other call gets its own', async () => {
    let sent = 0
    let over = false
    const others = Array.from({ length: 4 }, async (_, line) => {
      while (!over) {
        sent += 1
        const own = `${kind} ${line} ${sent}`
        expect(await mark(proxy.port(), own)).toBe(own)
      }
    })
    for (let at = 0; at < hostileCases.length; at += 10) {
      const some = hostileCases.slice(at, at + 10)
      await Promise.all(some.map(({ text }) => exchange(proxy.port(), text)))
    }
    over = true
    await Promise.all(others)
    // A proxy may read two requests where the node would read one and refuse it: those are that caller's own.
    const own = Object.entries(await marks()).filter(([name]) => name.startsWith(kind))
    expect(own.length).toBe(sent)
    expect(own.filter(([, times]) => times !== 1)).toEqual([])
  }, 120_000)
})
