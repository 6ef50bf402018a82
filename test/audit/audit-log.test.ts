import { spawn } from 'node:child_process'
import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AuditEntry } from '../../src/audit/audit-entry.ts'
import { AuditLog, type AuditPolicy } from '../../src/audit/audit-log.ts'
import { AuditUnavailable } from '../../src/audit/errors.ts'
import { type AuditWish, readAudit } from '../../src/audit/read-audit.ts'
import { verifyAudit } from '../../src/audit/verify-audit.ts'
import { armFailpoints } from '../../src/store/failpoint.ts'
import { root } from '../support/dhn.ts'
import { temporaryFolder } from '../support/temporary.ts'

const did = (what: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  kind: 'admin',
  who: { via: 'https', dn: '/DC=org/CN=Ada', username: 'ada' },
  what,
  outcome: 'done',
  ...more,
})

function openLog(folder: string, policy: Partial<AuditPolicy> = {}): AuditLog {
  const log = new AuditLog(folder, { fileSize: 1_000_000, keptSize: 10_000_000, ...policy })
  onTestFinished(() => log.close())
  return log
}

/** A folder with a log of these entries that nobody has open. */
async function logOf(...entries: readonly string[]): Promise<string> {
  const folder = join(temporaryFolder(), 'audit')
  const log = openLog(folder)
  for (const what of entries) await log.record(did(what))
  await log.close()
  return folder
}

const fileOf = (folder: string): string => join(folder, 'audit-000000000001.jsonl')
const linesOf = (folder: string): string[] => readFileSync(fileOf(folder), 'utf8').trimEnd().split('\n')

async function whatIn(folder: string, wish: AuditWish = {}): Promise<string[]> {
  const found: string[] = []
  for await (const { what } of readAudit(folder, wish)) found.push(what)
  return found
}

describe('the audit log', () => {
  it('is a chain of lines for its owner alone, which goes on when it is opened again', async () => {
    const folder = await logOf('one', 'two')
    await openLog(folder).record(did('three'))
    expect([statSync(folder).mode & 0o777, statSync(fileOf(folder)).mode & 0o777]).toEqual([0o700, 0o600])
    expect(await verifyAudit(folder)).toMatchObject({ ok: true, files: 1, lines: 3, first: 1, last: 3, torn: [] })
    expect(JSON.parse(linesOf(folder)[2] as string)).toMatchObject({ n: 3, what: 'three', at: expect.any(String) })
  })

  it('writes what is asked for at the same time in the order in which it was asked for', async () => {
    const folder = join(temporaryFolder(), 'audit')
    const log = openLog(folder)
    const all = Array.from({ length: 50 }, (_, index) => String(index))
    await Promise.all(all.map((what) => log.record(did(what))))
    expect(await whatIn(folder)).toEqual(all)
    expect(await verifyAudit(folder)).toMatchObject({ ok: true, lines: 50 })
  })

  it.each([
    ['a word', (lines: string[]) => lines.with(1, (lines[1] as string).replace('two', 'six')), 3],
    ['a line that is gone', (lines: string[]) => lines.toSpliced(1, 1), 2],
    ['a line too many', (lines: string[]) => lines.toSpliced(1, 0, lines[0] as string), 2],
    ['two lines in each other’s place', ([a, b, c, d]: string[]) => [a, c, b, d], 2],
    ['the first line', (lines: string[]) => lines.slice(1), 1],
    ['a line that is no line any more', (lines: string[]) => lines.with(1, 'so what'), 3],
    ['the last line', (lines: string[]) => lines.with(3, 'so what'), 4],
  ])('shows %s that somebody changed', async (_, change, line) => {
    const folder = await logOf('one', 'two', 'three', 'four')
    writeFileSync(fileOf(folder), `${change(linesOf(folder)).join('\n')}\n`)
    expect(await verifyAudit(folder)).toMatchObject({ ok: false, broken: { file: 'audit-000000000001.jsonl', line } })
  })

  it('tells of a line that was torn, and goes on after it', async () => {
    const folder = await logOf('one', 'two')
    appendFileSync(fileOf(folder), '{"n":3,"at":"20')
    expect(await verifyAudit(folder)).toMatchObject({ ok: true, last: 2, unfinished: { line: 3 } })
    await openLog(folder).record(did('three'))
    expect(await verifyAudit(folder)).toMatchObject({ ok: true, lines: 5, last: 4, torn: [{ line: 3 }] })
    expect(await whatIn(folder)).toEqual(['one', 'two', 'torn line', 'three'])
    // What can't be read counts as torn only where the log itself says so.
    writeFileSync(fileOf(folder), `${linesOf(folder).with(2, '{"n":3').join('\n')}\n`)
    expect(await verifyAudit(folder)).toMatchObject({ ok: false })
  })

  it('ends a last line that has everything but its end', async () => {
    const folder = await logOf('one', 'two')
    writeFileSync(fileOf(folder), linesOf(folder).join('\n'))
    await openLog(folder).record(did('three'))
    expect(await verifyAudit(folder)).toMatchObject({ ok: true, lines: 3, torn: [] })
  })

  it.each(['audit.write=enospc', 'audit.written=eio'])(
    'refuses what it can not write (%s), and goes on',
    async (failure) => {
      const folder = await logOf('one')
      const log = openLog(folder)
      armFailpoints(failure)
      onTestFinished(() => armFailpoints(''))
      log.note(did('nobody waits'))
      await expect(log.record(did('two'))).rejects.toThrow(AuditUnavailable)
      await log.record(did('three'))
      expect(await verifyAudit(folder)).toMatchObject({ ok: true })
      const found = await whatIn(folder)
      expect([found[0], found.at(-1)]).toEqual(['one', 'three'])
      expect(found).toContain('refusals not written')
    },
  )

  it('goes on in another file, and says which lines it removes', async () => {
    const folder = join(temporaryFolder(), 'audit')
    const log = openLog(folder, { fileSize: 4096, keptSize: 16_384 })
    for (let n = 0; n < 100; n += 1) await log.record(did('x'.repeat(200)))
    const files = readdirSync(folder).sort()
    expect(files[0]).not.toBe('audit-000000000001.jsonl')
    expect(files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)).toBeLessThanOrEqual(16_384)
    expect(await verifyAudit(folder)).toMatchObject({ ok: true, files: files.length })
    rmSync(join(folder, files[0] as string))
    expect(await verifyAudit(folder)).toMatchObject({ ok: false, broken: { file: files[1], line: 1 } })
  })

  it('shows a file in the middle that is gone', async () => {
    const folder = join(temporaryFolder(), 'audit')
    const log = openLog(folder, { fileSize: 1000 })
    for (let n = 0; n < 20; n += 1) await log.record(did('x'.repeat(200)))
    const [, second, third] = readdirSync(folder).sort()
    rmSync(join(folder, second as string))
    expect(await verifyAudit(folder)).toMatchObject({ ok: false, broken: { file: third, line: 1 } })
  })

  it('holds whatever the moment at which its process is killed', async () => {
    const folder = join(temporaryFolder(), 'audit')
    const script = `
      import { AuditLog } from ${JSON.stringify(join(root, 'dist/audit/audit-log.js'))}
      const log = new AuditLog(process.argv[1], { fileSize: 20_000, keptSize: 1_000_000 })
      for (let n = 1; ; n += 1) {
        await log.record({ kind: 'admin', who: { via: 'node' }, what: String(n), outcome: 'done' })
        process.stdout.write(n + '\\n')
      }`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder])
    let acknowledged = 0
    await new Promise((resolve) => {
      child.stdout.on('data', (text) => {
        acknowledged = Number(String(text).trim().split('\n').at(-1))
        if (acknowledged > 200) child.kill('SIGKILL')
      })
      child.once('exit', resolve)
    })
    await openLog(folder).record(did('after'))
    expect(await verifyAudit(folder)).toMatchObject({ ok: true })
    const found = await whatIn(folder)
    expect(found).toContain(String(acknowledged))
    expect(found.at(-1)).toBe('after')
  })
})

describe('reading it', () => {
  it('takes what is wanted only', async () => {
    const folder = join(temporaryFolder(), 'audit')
    const log = openLog(folder)
    await log.record(did('deploy', { target: 'echo.gar' }))
    await log.record(did('stop', { who: { via: 'socket', uid: 4711 } }))
    await log.record(did('Samples/Echo.echo', { kind: 'call', outcome: 'refused', code: 'DHN_NOT_AUTHORIZED' }))
    expect(await whatIn(folder, { who: '4711' })).toEqual(['stop'])
    expect(await whatIn(folder, { who: 'ADA', what: 'gar' })).toEqual(['deploy'])
    expect(await whatIn(folder, { what: 'refused' })).toEqual(['Samples/Echo.echo'])
    expect(await whatIn(folder, { lines: 2 })).toEqual(['stop', 'Samples/Echo.echo'])
    expect(await whatIn(folder, { since: Date.now() + 1000 })).toEqual([])
    expect(await whatIn(join(folder, 'nowhere'))).toEqual([])
  })

  it('goes on with what is added, into another file too', async () => {
    const folder = join(temporaryFolder(), 'audit')
    const log = openLog(folder, { fileSize: 300 })
    await log.record(did('one'))
    const ended = new AbortController()
    const found: string[] = []
    for await (const { what } of readAudit(folder, {}, ended.signal)) {
      found.push(what)
      if (what === 'one') for (const more of ['two', 'three']) await log.record(did(more))
      if (what === 'three') ended.abort()
    }
    expect(found).toEqual(['one', 'two', 'three'])
  })
})
