import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { tableRows } from '../support/markdown-table.ts'
import { optionRows } from '../support/option-docs.ts'

it('docs/configuration.md lists every option with its default, unit and meaning', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  expect(tableRows(page, 'option')).toEqual(optionRows())
})
