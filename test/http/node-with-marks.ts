import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll } from 'vitest'
import type { NodeView } from '../../src/container/views.ts'
import { type RunningNode, runningNode } from '../support/running-node.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { archiveOf } from '../support/test-service.ts'
import { path } from './cases.ts'

export interface NodeWithMarks {
  readonly node: RunningNode
  /** Of its plain HTTP door. */
  port(): number
  /** Calls `mark`; resolves with the mark when it came back. */
  mark(port: number, mark: string): Promise<string>
  /** Every mark that the service has seen, and how often. */
  marks(): Promise<Readonly<Record<string, number>>>
}

/** A node in a process of its own whose open service remembers what it was called with. */
export function nodeWithMarks(): NodeWithMarks {
  const node = runningNode()
  let address = new URL('http://localhost')
  beforeAll(async () => {
    const body = `
  static seen = {}
  auth_mark = ['all']
  export_mark(mark) { Service.seen[mark] = (Service.seen[mark] ?? 0) + 1; return S_OK(mark) }
  auth_marks = ['all']
  export_marks() { return S_OK(Service.seen) }
`
    const { name, bytes } = archiveOf({ service: path.slice(1), body, modes: ['open'] })
    const file = join(temporaryFolder(), name)
    writeFileSync(file, bytes)
    const { code, stderr } = await node.dhn('deploy', file, '--nosec')
    if (code !== 0) throw new Error(stderr)
    const { addresses } = await node.json<NodeView>('status')
    address = new URL(addresses.find((one) => one.startsWith('http:')) as string)
  })
  const ask = async (port: number, method: string, args: readonly unknown[]): Promise<unknown> => {
    const form = new URLSearchParams({ method, args: JSON.stringify(args) })
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: form })
    return ((await answer.json()) as { Value: unknown }).Value
  }
  const port = (): number => Number(address.port)
  return {
    node,
    port,
    mark: async (by, mark) => (await ask(by, 'mark', [mark])) as string,
    marks: async () => (await ask(port(), 'marks', [])) as Record<string, number>,
  }
}
