import { describe, expect, it } from 'vitest'
import { type Part, startInOrder } from '../../src/lifecycle/start-in-order.ts'

function parts(...changes: (Partial<Part> & { readonly name: string })[]) {
  const story: string[] = []
  const problems: string[] = []
  return {
    story,
    problems,
    options: {
      stopLimit: 30,
      onProblem: (part: string, error: unknown) => problems.push(`${part}: ${(error as Error).message}`),
    },
    all: changes.map((change) => ({
      name: change.name,
      async start() {
        story.push(`+${change.name}`)
        await change.start?.()
      },
      async stop() {
        story.push(`-${change.name}`)
        await change.stop?.()
      },
    })),
  }
}
const fails = (message: string) => () => Promise.reject(new Error(message))

describe('parts started in order', () => {
  it('stop in reverse, the listener first, and once only', async () => {
    const { all, options, story } = parts({ name: 'store' }, { name: 'registry' }, { name: 'listener' })
    const started = await startInOrder(all, options)
    await Promise.all([started.stop(), started.stop()])
    await started.stop()
    expect(story).toEqual(['+store', '+registry', '+listener', '-listener', '-registry', '-store'])
  })

  it('stop again when one does not start, which keeps its own error', async () => {
    const { all, options, story, problems } = parts(
      { name: 'store', stop: fails('busy') },
      { name: 'registry', start: fails('no such folder') },
      { name: 'listener' },
    )
    await expect(startInOrder(all, options)).rejects.toThrow('no such folder')
    expect(story).toEqual(['+store', '+registry', '-registry', '-store'])
    expect(problems).toEqual(['store: busy'])
  })

  it('go on stopping when one throws or takes too long, and say which', async () => {
    const { all, options, story, problems } = parts(
      { name: 'store' },
      { name: 'stuck', stop: () => new Promise(() => {}) },
      { name: 'broken', stop: fails('broken pipe') },
      {
        name: 'thrower',
        stop: () => {
          throw new Error('at once')
        },
      },
    )
    await (await startInOrder(all, options)).stop()
    expect(story.slice(-4)).toEqual(['-thrower', '-broken', '-stuck', '-store'])
    expect(problems).toEqual(['thrower: at once', 'broken: broken pipe', 'stuck: stuck did not stop within 30 ms'])
  })
})
