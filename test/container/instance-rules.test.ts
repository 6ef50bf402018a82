import { describe, expect, it } from 'vitest'
import { instanceCount, instancesOf } from '../../src/container/instance-rules.ts'

const rules = { otherwise: 2, of: new Map([['named', 3]]) }

describe('in how many places a service runs', () => {
  it.each([
    ['as many as the operator says of it', { garId: 'named', stateless: true }, 3],
    ['as many as the operator says of all', { garId: 'other', stateless: true }, 2],
    ['one, when it may keep something', { garId: 'named' }, 1],
  ] as const)('%s', (_what, manifest, expected) => {
    expect(instancesOf(rules, manifest)).toBe(expected)
    expect(instancesOf(undefined, manifest)).toBe(1)
  })

  it('is written with a colon, and nothing else is', () => {
    expect(instanceCount('org.x_echo:12')).toEqual(['org.x_echo', 12])
    expect(['echo', 'echo:', 'echo:0', 'echo:65', 'echo:-1', ':2', 'echo:2x', 'echo:100'].map(instanceCount)).toEqual(
      Array(8).fill(undefined),
    )
  })
})
