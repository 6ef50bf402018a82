import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { optionTable } from '../support/option-docs.ts'

const page = fileURLToPath(new URL('../../docs/configuration.md', import.meta.url))

// `npx vitest -u run test/config` writes the page anew.
it('docs/configuration.md lists every option with its default and unit', async () => {
  const [before = '', , after = ''] = readFileSync(page, 'utf8').split(
    /(?<=<!-- options: .* -->\n)([\s\S]*?)(?=<!-- end -->)/,
  )
  expect(before).not.toBe('')
  expect(after).not.toBe('')
  await expect(`${before}\n${optionTable()}\n\n${after}`).toMatchFileSnapshot(page)
})
