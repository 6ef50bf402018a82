import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { refusals } from '../../src/security/reasons.ts'

it('docs/security.md has every reason as the code has it', () => {
  const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8')
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    )
  expect(rows).toEqual(Object.entries(refusals).map(([reason, { check, text }]) => [`\`${reason}\``, check, text]))
})
