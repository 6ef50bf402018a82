import { describe, expect, it } from 'vitest'
import { Model } from './harness/model.ts'

const one = { label: 'echo 1', desired: 'ready' } as const
const two = { label: 'echo 2', desired: 'ready' } as const

describe('what a client may believe of a node', () => {
  it('is what was acknowledged', () => {
    const model = new Model()
    expect(model.find('echo', undefined)).toBeUndefined()
    model.begin('echo', one)
    model.settle('echo', one)
    expect(model.find('echo', one)).toBeUndefined()
    expect(model.find('echo', undefined)).toBe('echo is absent, not echo 1 ready')
    expect(model.find('echo', { ...one, desired: 'disabled' })).toBe('echo is echo 1 disabled, not absent')
  })

  it('is either state while something is under way, and the one that is found from then on', () => {
    const model = new Model()
    model.settle('echo', one)
    model.begin('echo', two)
    expect(model.find('echo', two)).toBeUndefined()
    expect(model.find('echo', one)).toBe('echo is echo 1 ready, not echo 2 ready')
  })

  it('says which answers callers may hear, and whether they may hear anything else', () => {
    const model = new Model()
    model.settle('echo', one)
    model.begin('echo', two)
    expect(model.answers('echo')).toEqual({ labels: new Set(['echo 1', 'echo 2']), always: true })
    model.settle('echo', two)
    model.begin('echo', { ...two, desired: 'disabled' })
    expect(model.answers('echo')).toEqual({ labels: new Set(['echo 2']), always: false })
  })

  it('keeps the content of what is live and of what was before it, until it is undeployed', () => {
    const model = new Model()
    for (const state of [one, two, two, { ...two, desired: 'disabled' } as const]) model.settle('echo', state)
    expect(model.lastTwo('echo')).toEqual(['echo 1', 'echo 2'])
    model.settle('echo', undefined)
    expect(model.lastTwo('echo')).toEqual([])
  })
})
