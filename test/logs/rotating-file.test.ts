import { readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { emptyLarge, filesAside, sweepLogs } from '../../src/logs/log-files.ts'
import type { LogPolicy } from '../../src/logs/log-policy.ts'
import { RotatingFile } from '../../src/logs/rotating-file.ts'
import { temporaryFolder } from '../support/temporary.ts'

const day = 24 * 60 * 60 * 1000
const policy = (over: Partial<LogPolicy> = {}): LogPolicy => ({
  fileSize: 1000,
  fileAge: day,
  keptSize: 1_000_000,
  keptFor: 30 * day,
  ...over,
})

function logOf(over: Partial<LogPolicy> = {}, now: () => number = Date.now) {
  const path = join(temporaryFolder(), 'samples_echo.log')
  return { path, file: new RotatingFile(path, policy(over), now) }
}

const whole = (path: string): string => [...filesAside(path), path].map((file) => readFileSync(file, 'utf8')).join('')

describe('a rotating file', () => {
  it('loses no byte, cuts no line and stays within its size, however the lines come in pieces', () => {
    const { path, file } = logOf()
    const text = Array.from({ length: 900 }, (_, n) => `line ${n} ${'x'.repeat(n % 97)}\n`).join('')
    for (let at = 0, step = 1; at < text.length; at += step, step = (step * 7) % 613 || 1) {
      file.write(Buffer.from(text.slice(at, at + step)))
    }
    expect(whole(path)).toBe(text)
    const files = [...filesAside(path), path]
    expect(files.length).toBeGreaterThan(30)
    for (const one of files) {
      expect(statSync(one).size).toBeLessThanOrEqual(1000 + 110)
      expect(readFileSync(one, 'utf8')).toMatch(/^line .*\n$/s)
    }
  })

  it('puts a file aside that is old enough', () => {
    let now = Date.now()
    const { path, file } = logOf({ fileAge: day }, () => now)
    file.write(Buffer.from('one\n'))
    now += day - 1
    file.write(Buffer.from('two\n'))
    now += 1
    file.write(Buffer.from('three\n'))
    expect(filesAside(path).map((one) => readFileSync(one, 'utf8'))).toEqual(['one\ntwo\n'])
    expect(readFileSync(path, 'utf8')).toBe('three\n')
  })

  it('keeps the newest files up to the size that a log may have', () => {
    const { path, file } = logOf({ keptSize: 4000 })
    for (let n = 0; n < 1000; n += 1) file.write(Buffer.from(`line ${String(n).padStart(94, '0')}\n`))
    const size = [...filesAside(path), path].reduce((sum, one) => sum + statSync(one).size, 0)
    expect(size).toBeLessThanOrEqual(4000)
    expect(size).toBeGreaterThan(2500)
    expect(whole(path)).toMatch(/0999\n$/)
  })

  it('cuts a line that never ends rather than grow without bound', () => {
    const { path, file } = logOf()
    for (let n = 0; n < 100; n += 1) file.write(Buffer.from('x'.repeat(100)))
    for (const one of [...filesAside(path), path]) expect(statSync(one).size).toBeLessThanOrEqual(2000)
    expect(whole(path)).toBe('x'.repeat(10_000))
  })

  it('orders what it put aside, also when the clock goes back', () => {
    let now = Date.now()
    const { path, file } = logOf({}, () => now)
    for (let n = 0; n < 9; n += 1) {
      file.write(Buffer.from(`${n}${'-'.repeat(900)}\n`))
      now += n % 2 === 0 ? -5000 : 0
    }
    expect(whole(path).match(/^\d/gm)?.join('')).toBe('012345678')
  })

  it('begins anew where another took the file away', () => {
    let now = Date.now()
    const { path, file } = logOf({}, () => now)
    file.write(Buffer.from('one\n'))
    renameSync(path, `${path}.taken`)
    now += 2000
    file.write(Buffer.from('two\n'))
    expect(readFileSync(path, 'utf8')).toBe('two\n')
  })

  it('counts as lost what is not in the file, and nothing of what is', () => {
    // Putting aside fails, once something was written.
    const path = join(temporaryFolder(), 'samples_echo.log')
    const file = new RotatingFile(path, policy({ fileSize: 100 }), () => {
      if (statSync(path, { throwIfNoEntry: false })?.size === 60) throw new Error('no clock')
      return Date.now()
    })
    file.write(Buffer.from(`${'a'.repeat(59)}\n${'b'.repeat(59)}\n`))
    expect([file.lost, readFileSync(path, 'utf8')]).toEqual([60, `${'a'.repeat(59)}\n`])
  })

  it('tells how much is missing once there is room again', () => {
    let now = Date.now()
    const path = join(temporaryFolder(), 'samples_echo.log')
    const file = new RotatingFile(path, policy(), () => now)
    file.write(Buffer.from('one\n'))
    // The folder is gone as far as the log is concerned: it can't be opened again.
    renameSync(dirname(path), `${dirname(path)}.away`)
    now += 2000
    file.write(Buffer.from('two, which is lost\n'))
    expect(file.lost).toBe(19)
    renameSync(`${dirname(path)}.away`, dirname(path))
    file.write(Buffer.from('three\n'))
    expect(readFileSync(path, 'utf8')).toMatch(/^one\n\S+ WARN {2}dhn: 19 bytes are missing here: ENOENT.*\nthree\n$/)
  })
})

it('what was written to too long ago goes, of whichever instance, unless it is open', async () => {
  const folder = temporaryFolder()
  const old = ['gone.log', 'live.log', 'live.log.20260101T000000000Z-000', 'a.txt']
  const fresh = ['fresh.log', 'live.log.20270101T000000000Z-000']
  for (const name of [...old, ...fresh]) writeFileSync(join(folder, name), 'x')
  for (const name of old) utimesSync(join(folder, name), 1, 1)
  await sweepLogs(folder, policy(), Date.now(), (log) => basename(log) === 'live.log')
  expect(readdirSync(folder).sort()).toEqual(['a.txt', 'live.log', ...fresh].sort())
})

it('what is written elsewhere too is emptied when it is too large', async () => {
  const log = join(temporaryFolder(), 'start.log')
  await emptyLarge(log, policy())
  for (const [size, left] of [
    [1000, 1000],
    [1001, 0],
  ] as const) {
    writeFileSync(log, 'x'.repeat(size))
    await emptyLarge(log, policy())
    expect(statSync(log).size).toBe(left)
  }
})
