import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CfgEntry, type CfgSection, isSection, listOf, stripped } from '../../src/cfg/cfg.ts'
import { CfgConflict, CfgUnwritable } from '../../src/cfg/errors.ts'
import { mergeCfg } from '../../src/cfg/merge-cfg.ts'
import { optionAt, sectionAt, valueAt } from '../../src/cfg/options.ts'
import { parseCfg } from '../../src/cfg/parse-cfg.ts'
import { serializeCfg } from '../../src/cfg/serialize-cfg.ts'

const lines = (...text: string[]): string => text.join('\n')

describe('reading', () => {
  it.each([
    ['an unclosed section, where it was opened', lines('A', '{', 'B', '{', 'C = 1', '}'), 2, /section A is opened/],
    ['a section closed twice', lines('A', '{', '}', '}'), 4, /never opened/],
    ['an option without a name', lines('A = 1', '', '= 2'), 3, /no name/],
    ['a section without a name', lines('{', '}'), 1, /no name/],
    ['a section that is there', lines('A', '{', '}', 'A', '{', '}'), 5, /A is already there/],
    ['a section with the name of an option', lines('A = 1', 'A', '{', '}'), 3, /A is already there/],
    ['adding to an option that is not there', lines('# a', 'L += x'), 2, /isn't there yet/],
    ['adding to a section', lines('L', '{', '}', 'L += x'), 4, /isn't there yet/],
    ['adding to what is in a section that is not there', lines('A', '{', '}', 'B/C += 1'), 4, /B that isn't there/],
    ['what is in a section of one that is not there', lines('B/C', '{', 'D = 1', '}'), 3, /B that isn't there/],
    ['a section below an option', lines('A = 1', 'A/B {', '}'), 2, /a section A that isn't there/],
  ])('names the line of %s', (_, text, line, reason) => {
    expect(() => parseCfg(text, 'dhn.cfg')).toThrow(
      expect.objectContaining({
        code: 'DHN_CFG_MALFORMED',
        file: 'dhn.cfg',
        line,
        reason: expect.stringMatching(reason),
      }),
    )
  })

  it('tells what DIRAC drops or overwrites without a word', () => {
    const root = parseCfg(lines('A', '{', 'B = 1', '}', 'C = 1', 'B/C = 2', 'C/B/D', '{', '}', 'A = 3'))
    expect(serializeCfg(root)).toBe('A = 3\nC = 1\n')
    expect(root.lost).toEqual([
      { line: 6, text: "B/C stands in a section B that isn't there" },
      { line: 8, text: "C/B/D stands in a section C that isn't there" },
      { line: 10, text: 'A was a section, and is an option from here on' },
    ])
  })

  it('knows where each entry stands', () => {
    const root = parseCfg(lines('A', '{', '', '  B = 1', '  B += 2', '}'))
    expect(sectionAt(root, '/A')?.line).toBe(2)
    expect(optionAt(root, '/A/B')).toEqual({ comment: '', line: 5, value: '1, 2' })
  })

  it('glues lines without a sign to the next section name, and loses them before an option', () => {
    const root = parseCfg(lines('one', 'two', '{', '}', 'lost', 'A = 1', 'B', '{', '}'))
    expect([...root.entries.keys()]).toEqual(['onetwo', 'A', 'B'])
  })

  it('keeps names that are special elsewhere as names', () => {
    const root = parseCfg(lines('__proto__', '{', ' constructor = 1', '}'))
    expect(optionAt(root, '/__proto__/constructor')?.value).toBe('1')
    expect(optionAt(root, '/toString')).toBeUndefined()
  })

  it('ignores carriage returns, no-break spaces at the ends and a byte order mark', () => {
    expect(optionAt(parseCfg('\uFEFF# first\r\n\u00a0A = 1\u00a0\r\n'), 'A')).toEqual({
      comment: ' first\n',
      line: 2,
      value: '1',
    })
  })

  it('reads 100,000 options in time that grows with their number', () => {
    const text = Array.from({ length: 100_000 }, (_, number) => `Option${number} = ${' '.repeat(50)}x`).join('\n')
    const started = performance.now()
    expect(parseCfg(text).entries.size).toBe(100_000)
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

describe('looking an option up', () => {
  const root = parseCfg(lines('A', '{', ' Port = 8443', ' Bad = 84x', ' On = Yes', ' Off = nope', ' L = a, ,b', '}'))

  it('gives the type of the default', () => {
    expect(valueAt(root, '/A/Port', 1)).toBe(8443)
    expect(valueAt(root, 'A/Port', 'x')).toBe('8443')
    expect(valueAt(root, '/A/On', false)).toBe(true)
    expect(valueAt(root, '/A/Off', true)).toBe(false)
    expect(valueAt(root, '/A/L', [])).toEqual(['a', 'b'])
  })

  it('gives the default when there is none, when it is a section and when it cannot be converted', () => {
    expect(valueAt(root, '/A/Bad', 7)).toBe(7)
    expect(valueAt(root, '/A', 'x')).toBe('x')
    expect(valueAt(root, '/A/Port/Deeper', 'x')).toBe('x')
    expect(valueAt(root, '/B/C', ['d'])).toEqual(['d'])
  })
})

describe('merging', () => {
  it('refuses an option that is a section in the other', () => {
    const option = parseCfg(lines('S', '{', ' A = 1', '}'))
    const section = parseCfg(lines('S', '{', ' A', ' {', ' }', '}'))
    for (const [base, over] of [
      [option, section],
      [section, option],
    ] as const) {
      expect(() => mergeCfg(base, over)).toThrow(CfgConflict)
      expect(() => mergeCfg(base, over)).toThrow('/S/A')
    }
  })
})

describe('writing', () => {
  const one = (name: string, value = ''): CfgSection => ({
    comment: '',
    line: 0,
    entries: new Map([[name, { comment: '', line: 0, value }]]),
  })

  it.each(['', ' a', 'a ', 'a/b', 'a{', 'a=b', '#a', 'a\nb'])(
    'refuses the name %j, which would be read as something else',
    (name) => {
      expect(() => serializeCfg(one(name))).toThrow(CfgUnwritable)
    },
  )

  it('refuses a value over two lines', () => {
    expect(() => serializeCfg(one('A', 'x\nB = y'))).toThrow(CfgUnwritable)
  })

  it('is read back as the same tree', () => {
    fc.assert(
      fc.property(sections, (section) => {
        expect(plain(parseCfg(serializeCfg(section)))).toEqual(plain(section))
      }),
    )
  })
})

const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019.-_ $:+é\u{1f600}'), minLength: 1, maxLength: 12 })
const name = word.map(stripped).filter((text) => text !== '')
const value = fc
  .oneof(word, fc.array(word), fc.constant('a=b'), fc.constant('{x}'), fc.constant('x += y #z'))
  .map(String)
const comment = fc.array(word).map((text) => text.map((line) => `${line}\n`).join(''))
const sections = fc.letrec<{ section: CfgSection; entry: CfgEntry }>((tie) => ({
  section: fc
    .record({ comment, entries: fc.array(fc.tuple(name, tie('entry')), { maxLength: 4 }) })
    .map(({ comment, entries }) => ({ comment, line: 0, entries: new Map(entries) })),
  entry: fc.oneof({ depthSize: 'small' }, fc.record({ comment, line: fc.constant(0), value }), tie('section')),
})).section

/** Everything but the lines, and with the blanks that the format can't keep taken away. */
function plain(section: CfgSection): unknown {
  return [...section.entries].map(([name, entry]) => [
    name,
    entry.comment.split('\n').map(stripped).filter(Boolean),
    isSection(entry) ? plain(entry) : listOf(entry.value),
  ])
}
