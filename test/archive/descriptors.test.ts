import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bindJndi } from '../../src/archive/bind-jndi.ts'
import { DescriptorRootWrong, wordsOf } from '../../src/archive/descriptor-reader.ts'
import { parseJndi } from '../../src/archive/jndi.ts'
import { parseServiceProfile } from '../../src/archive/service-profile.ts'
import { parseWsdd } from '../../src/archive/wsdd.ts'
import { XmlRefused } from '../../src/xml/errors.ts'
import { corpus, corpusFiles } from '../support/corpus.ts'

const readers = [
  parseWsdd,
  (input: Uint8Array) => bindJndi(parseJndi(input)),
  (input: Uint8Array, options: object) => parseServiceProfile(input, options),
]

describe('a descriptor with bytes changed at random', () => {
  it('is read or refused with a typed error, and nothing else is thrown', () => {
    const files = corpusFiles.map(corpus)
    const change = fc.record({ at: fc.nat(), with: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('<>&"/=: '))) })
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(...readers),
        (file, changes, read) => {
          const bytes = Buffer.from(file)
          for (const { at, with: byte } of changes) bytes[at % bytes.length] = byte
          try {
            read(bytes, { lenient: true })
          } catch (error) {
            expect(error instanceof XmlRefused || error instanceof DescriptorRootWrong).toBe(true)
          }
        },
      ),
      { numRuns: 3000 },
    )
  })
})

describe('a list', () => {
  it('has its words whatever white space separates them', () => {
    const space = fc.stringMatching(/^[ \t\r\n]{1,4}$/)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.stringMatching(/^[A-Za-z.*]{1,8}$/), space)), space, (pairs, around) => {
        const words = pairs.map(([word]) => word)
        expect(wordsOf(around + pairs.flat().join(''))).toEqual(words)
      }),
    )
  })
})
