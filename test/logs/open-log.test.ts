import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nextAside } from '../../src/logs/log-files.ts'
import { type LogChoice, openLog } from '../../src/logs/open-log.ts'
import { until } from '../support/node.ts'
import { temporaryFolder } from '../support/temporary.ts'

const mark = '\u001e'
const at = (minute: number): string => `2026-01-31T12:${String(minute).padStart(2, '0')}:00.000Z`

/** A log whose files are the texts given, the growing one last. */
function logOf(...texts: readonly string[]): string {
  const log = join(temporaryFolder(), 'samples_echo.log')
  for (const [index, text] of texts.entries()) {
    writeFileSync(log, text)
    if (index < texts.length - 1) renameSync(log, nextAside(log, Date.now()))
  }
  return log
}

async function textOf(log: string, choice: LogChoice = {}): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of await openLog(log, choice)) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

describe('a log is read', () => {
  it('over all its files, the oldest line first, with the marks of starts taken out', async () => {
    expect(await textOf(logOf(`${mark}start\none\n`, 'two\n', `three\n${mark}start\nfour`))).toBe(
      'start\none\ntwo\nthree\nstart\nfour',
    )
    expect(await textOf(join(temporaryFolder(), 'none.log'))).toBe('')
  })

  it('from its last lines on, wherever they lie', async () => {
    const log = logOf('one\ntwo\n', 'three\n', 'four\nfive\n')
    expect(await textOf(log, { lines: 1 })).toBe('five\n')
    expect(await textOf(log, { lines: 3 })).toBe('three\nfour\nfive\n')
    expect(await textOf(log, { lines: 4 })).toBe('two\nthree\nfour\nfive\n')
    expect(await textOf(log, { lines: 99 })).toBe('one\ntwo\nthree\nfour\nfive\n')
    expect(await textOf(log, { lines: 0 })).toBe('')
    expect(await textOf(logOf('one\nunfinished'), { lines: 1 })).toBe('unfinished')
  })

  it('from a time on: the first line that was logged then or later', async () => {
    const text = Array.from({ length: 20 }, (_, minute) => `${at(minute)} INFO  x: ${minute}\n${'y'.repeat(9000)}\n`)
    const log = logOf(text.slice(0, 12).join(''), text.slice(12).join(''))
    for (const minute of [0, 7, 11, 12, 19]) {
      const found = await textOf(log, { since: Date.parse(at(minute)) })
      expect(found).toBe(text.slice(minute).join(''))
    }
    expect(await textOf(log, { since: Date.parse(at(12)) - 1, lines: 2 })).toBe(text[19])
    expect(await textOf(log, { since: Date.parse(at(59)) })).toBe('')
  })

  it('of the run before the last start alone', async () => {
    const log = logOf(`${mark}first\none\n`, `two\n${mark}second\nthree\n`, `four\n${mark}third\nfive\n`)
    expect(await textOf(log, { previous: true })).toBe('second\nthree\nfour\n')
    expect(await textOf(log, { previous: true, lines: 1 })).toBe('four\n')
  })

  it('of the run before also where its start is no longer kept, and not at all where nothing is', async () => {
    expect(await textOf(logOf('one\ntwo\n', `${mark}start\nthree\n`), { previous: true })).toBe('one\ntwo\n')
    await expect(textOf(logOf(`${mark}start\none\n`), { previous: true })).rejects.toMatchObject({
      code: 'DHN_NO_EARLIER_RUN',
    })
  })

  it('on and on when it is followed, over rotations, until it is told to end', async () => {
    const log = logOf('zero\n')
    const ended = new AbortController()
    let text = ''
    const following = (async () => {
      for await (const piece of await openLog(log, { follow: true, lines: 1 }, ended.signal)) text += piece
    })()
    await until(() => text === 'zero\n', 'it has what was there')
    let wanted = text
    for (let n = 0; n < 5; n += 1) {
      // Two rotations between two looks: a file that came and went is read as well.
      for (const part of ['a', 'b']) {
        appendFileSync(log, `${n}${part}\n`)
        wanted += `${n}${part}\n`
        renameSync(log, nextAside(log, Date.now()))
      }
      appendFileSync(log, `${mark}${n}c\n`)
      wanted += `${n}c\n`
      if (n % 2 === 0) await until(() => text === wanted, 'it follows')
    }
    await until(() => text === wanted, 'it has followed')
    ended.abort()
    await following
  })
})
