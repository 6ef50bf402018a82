import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ChartState, lifecycleChart } from '../../src/lifecycle/chart.ts'
import { drawLifecycle } from '../../src/lifecycle/draw-lifecycle.ts'

const page = new URL('../../docs/lifecycle.md', import.meta.url)
const drawing = /(?<=```mermaid\n)[^`]*(?=```)/

const all = (states: readonly ChartState[]): ChartState[] => states.flatMap((state) => [state, ...all(state.states)])

describe('the lifecycle as data', () => {
  const chart = lifecycleChart()

  it('has the states with what is done in them and where they lead', () => {
    expect(chart.initial).toBe('deployed')
    expect(chart.states.map(({ name }) => name)).toEqual([
      'deployed',
      'registered',
      'readying',
      'ready',
      'disabled',
      'failed',
      'stopping',
      'down',
    ])
    expect(chart.states[0]).toEqual({
      name: 'deployed',
      tags: [],
      final: false,
      does: 'launch',
      states: [],
      transitions: [
        { on: 'event', name: 'ended', to: 'failed.releasing' },
        { on: 'event', name: 'stop', to: 'stopping.ending' },
        { on: 'done', to: 'registered' },
        { on: 'error', to: 'failed.releasing' },
        { on: 'after', name: 'start', to: 'failed.releasing' },
      ],
    })
    expect(chart.transitions).toEqual([{ on: 'event', name: 'adopt' }])
  })

  it('serves in ready alone, and ends in down alone', () => {
    const names = (which: (state: ChartState) => boolean) =>
      all(chart.states)
        .filter(which)
        .map(({ name }) => name)
    expect(names(({ tags }) => tags.includes('serving'))).toEqual(['ready'])
    expect(names(({ final }) => final)).toEqual(['down'])
    expect(names(({ tags }) => tags.includes('settled'))).toEqual([
      'ready',
      'disabled.quiet',
      'failed.waiting',
      'failed.gaveUp',
      'down',
    ])
  })

  it('limits the time of everything that it does', () => {
    for (const state of all(chart.states).filter(({ does }) => does !== undefined)) {
      expect([state.name, state.transitions.some(({ on }) => on === 'after')]).toEqual([state.name, true])
    }
  })

  it('names only states that there are, and plain data only', () => {
    const names = new Set(all(chart.states).map(({ name }) => name))
    const targets = all(chart.states).flatMap(({ transitions }) => transitions.flatMap(({ to }) => to ?? []))
    expect(targets.filter((to) => !names.has(to))).toEqual([])
    expect(JSON.parse(JSON.stringify(chart))).toEqual(chart)
  })
})

describe('the drawing in docs/lifecycle.md', () => {
  it('is the one that the machine makes (DHN_UPDATE_DOCS=1 writes it anew)', () => {
    const text = readFileSync(page, 'utf8')
    expect(text).toMatch(drawing)
    if (process.env.DHN_UPDATE_DOCS === '1')
      writeFileSync(
        page,
        text.replace(drawing, () => drawLifecycle()),
      )
    expect(drawing.exec(readFileSync(page, 'utf8'))?.[0]).toBe(drawLifecycle())
  })
})
