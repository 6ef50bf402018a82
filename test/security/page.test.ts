import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { reasonTable } from '../support/security-page.ts'

it('docs/security.md has every reason as the code has it', () => {
  expect(readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8')).toContain(reasonTable())
})
