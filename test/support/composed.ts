import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type ComposedNode, compose, type Overrides } from '../../src/compose.ts'
import { type Configuration, initializeHome, readConfiguration } from '../../src/config.ts'
import { temporaryFolder } from './temporary.ts'

export interface TestComposed {
  readonly composed: ComposedNode
  readonly home: string
  readonly told: readonly string[]
}

/** A whole node on free ports, put together as `dhn start` does it; stopped when the test has ended. */
export async function composeNode(
  given: {
    readonly home?: string
    readonly overrides?: Overrides
    readonly configuration?: Partial<Configuration>
  } = {},
): Promise<TestComposed> {
  const home = given.home ?? join(temporaryFolder(), 'h')
  await initializeHome(home)
  const told: string[] = []
  const composed = await compose(
    { ...readConfiguration(home), ...given.configuration },
    {
      port: 0,
      nosec: true,
      nosecPort: 0,
      tell: (level, message) => void told.push(`${level} ${message}`),
      ...given.overrides,
    },
  )
  onTestFinished(() => composed.stop())
  return { composed, home, told }
}
