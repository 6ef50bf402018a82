import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { offlineNode, S_ERROR, S_OK } from '../../src/service/index.ts'
import { temporaryFolder } from '../support/temporary.ts'

const page = readFileSync(fileURLToPath(new URL('../../docs/service.md', import.meta.url)), 'utf8')
const sdk = fileURLToPath(new URL('../../src/service/index.ts', import.meta.url))

/** The indented block of the page that begins with these words. */
function block(beginning: string): string {
  const blocks = page.split(/^(?! {4}|$)/m).map((part) => part.replace(/^[^\n]*\n/, ''))
  const found = blocks.find((part) => part.trimStart().startsWith(beginning))
  return (found as string).replace(/^ {4}/gm, '')
}

describe('docs/service.md', () => {
  it('shows a service that runs, and a test of it that passes', async () => {
    const file = join(temporaryFolder(), 'CounterService.ts')
    writeFileSync(file, block('import {').replace("'dhn/service'", JSON.stringify(sdk)))
    const { CounterService } = await import(pathToFileURL(file).href)
    const body = block('const node = offlineNode(')
    const run = new Function('offlineNode', 'CounterService', 'expect', 'S_OK', `return (async () => {\n${body}\n})()`)
    await run(offlineNode, CounterService, expect, S_OK)
    expect(new CounterService().export_add(0.5)).toEqual(S_ERROR(22, 'a whole number, please'))
    expect.assertions(2)
  })
})
