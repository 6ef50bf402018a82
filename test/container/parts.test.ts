import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CredentialFiles } from '../../src/container/credentials.ts'
import { findInstance } from '../../src/container/find-instance.ts'
import { lastLines } from '../../src/container/last-lines.ts'
import { linkStubs } from '../../src/container/link-stubs.ts'
import { RunningOperation } from '../../src/container/operation.ts'
import { pathSegment } from '../../src/container/path-segment.ts'
import { serviceEnvironment } from '../../src/container/service-environment.ts'
import type { InstanceView } from '../../src/container/views.ts'
import { Home } from '../../src/store/home.ts'
import { temporaryFolder } from '../support/temporary.ts'

describe('the last lines of a log', () => {
  const logOf = (text: string): string => {
    const file = join(temporaryFolder(), 'x.log')
    writeFileSync(file, text)
    return file
  }

  it('are the last ones, oldest first, with or without an end to the last', async () => {
    expect(await lastLines(logOf('one\ntwo\nthree\n'), 2)).toEqual(['two', 'three'])
    expect(await lastLines(logOf('one\ntwo\nthr'), 2)).toEqual(['two', 'thr'])
    expect(await lastLines(logOf('one\n\n'), 5)).toEqual(['one', ''])
    expect(await lastLines(logOf(''), 5)).toEqual([])
    expect(await lastLines(logOf('one\n'), 0)).toEqual([])
    expect(await lastLines('/nowhere/x.log', 5)).toEqual([])
  })

  it('are found across chunks, and no more than a megabyte is read for them', async () => {
    const line = 'x'.repeat(100)
    const many = Array.from({ length: 20_000 }, (_, index) => `${index} ${line}`)
    const file = logOf(`${many.join('\n')}\n`)
    expect(await lastLines(file, 1_500)).toEqual(many.slice(-1_500))
    expect((await lastLines(file, 20_000)).length).toBeLessThan(12_000)
    const long = await lastLines(logOf(`${'y'.repeat(3 * 1024 * 1024)}\n`), 1)
    expect(long[0]?.length).toBeLessThanOrEqual(1024 * 1024)
  })

  it('don’t go back before where they should begin', async () => {
    expect(await lastLines(logOf('old\nnew\n'), 5, 4)).toEqual(['new'])
  })
})

describe('a name as a segment of a path', () => {
  it('is never a way to elsewhere, and differs when the names differ', () => {
    const odd = fc.oneof(
      fc.constantFrom('.', '..', '', '/', '../x', 'a/b', '...', '%2E', '*'),
      fc.string({ maxLength: 400 }),
    )
    fc.assert(
      fc.property(odd, odd, (one, other) => {
        const segment = pathSegment(one)
        expect(segment).toMatch(/^[^/\\\0]+$/)
        expect(['.', '..']).not.toContain(segment)
        expect(segment.length).toBeLessThanOrEqual(200)
        if (one !== other) expect(segment).not.toBe(pathSegment(other))
      }),
    )
    expect(pathSegment('Samples/Counter/counter-stubs')).toBe('Samples%2FCounter%2Fcounter-stubs')
  })
})

describe('credentials', () => {
  it('are read from files that only their owner can read; all others are refused with why', async () => {
    const folder = temporaryFolder()
    const files = new CredentialFiles(folder)
    const put = (name: string, mode: number): void => {
      writeFileSync(join(folder, name), name)
      chmodSync(join(folder, name), mode)
    }
    expect(await files.read('echo')).toEqual({ simple: undefined, scoped: new Map(), refused: [] })
    put('echo.pem', 0o640)
    mkdirSync(join(folder, 'echo'))
    put('echo/%2Fgcube%2Fdevsec.pem', 0o600)
    put('echo/%zz.pem', 0o600)
    put('echo/open.pem', 0o604)
    put('echo/notes.txt', 0o600)
    symlinkSync(join(folder, 'echo/%2Fgcube%2Fdevsec.pem'), join(folder, 'echo/link.pem'))
    mkdirSync(join(folder, 'echo/folder.pem'))
    const { simple, scoped, refused } = await files.read('echo')
    expect(simple).toBeUndefined()
    expect([...scoped]).toEqual([['/gcube/devsec', 'echo/%2Fgcube%2Fdevsec.pem']])
    expect(refused).toEqual([
      'echo.pem is open to others than its owner: chmod 600 it',
      'echo/folder.pem is not a file',
      'echo/link.pem is a symbolic link',
      'echo/open.pem is open to others than its owner: chmod 600 it',
    ])
    chmodSync(join(folder, 'echo.pem'), 0o600)
    expect((await files.read('echo')).simple).toBe('echo.pem')
  })
})

describe('the environment of a service', () => {
  it('has a few variables of the node’s, and its own folder as home', () => {
    const own = { PATH: '/bin', LANG: 'C', LC_ALL: 'C', TZ: 'UTC', HOME: '/root', AWS_SECRET: 's', NODE_OPTIONS: '--x' }
    expect(serviceEnvironment(own, { persistentDirectory: '/state' })).toEqual({
      PATH: '/bin',
      LANG: 'C',
      LC_ALL: 'C',
      TZ: 'UTC',
      HOME: '/state',
    })
    const given = { persistentDirectory: '/state', certificateAuthorities: '/ca.pem' }
    expect(serviceEnvironment({}, given)).toEqual({ HOME: '/state', SSL_CERT_FILE: '/ca.pem' })
  })
})

describe('a running instance', () => {
  const instance = (garId: string, id: string, more: Partial<InstanceView> = {}) =>
    ({ garId, id, serviceClass: 'Samples', serviceName: garId, deployed: true, ...more }) as InstanceView
  const all = [
    instance('echo', 'aa11'),
    instance('ended', 'ab22', { deployed: false, serviceName: 'echo' }),
    instance('z', 'c3'),
  ]

  it('is found by GAR ID, class and name, id, or a beginning of the id that is its alone', () => {
    expect(['echo', 'Samples/echo', 'aa11', 'AA', 'c'].map((name) => findInstance(all, name).garId)).toEqual([
      'echo',
      'echo',
      'echo',
      'echo',
      'z',
    ])
    expect(() => findInstance(all, 'a')).toThrow(expect.objectContaining({ code: 'DHN_INSTANCE_AMBIGUOUS' }))
    for (const name of ['x', '', 'Samples']) {
      expect(() => findInstance(all, name)).toThrow(expect.objectContaining({ code: 'DHN_INSTANCE_UNKNOWN' }))
    }
  })
})

describe('links to stubs', () => {
  it('are exactly those wanted, and are replaced without a moment in which there is none', async () => {
    const home = new Home(temporaryFolder())
    const deployment = home.deployments('echo', 'digest')
    const link = (importName: string, digest: string) => ({ package: 'A/B/c', version: '1', digest, importName })
    await expect(linkStubs(home, deployment, [])).rejects.toMatchObject({ code: 'ENOENT' })
    mkdirSync(deployment, { recursive: true })
    const names = () => readdirSync(join(deployment, 'node_modules'), { recursive: true, encoding: 'utf8' }).sort()
    await linkStubs(home, deployment, [link('plain', 'x'), link('@scope/inner', 'x')])
    expect(names()).toEqual(['@scope', '@scope/inner', 'plain'])
    mkdirSync(home.stubs('A%2FB%2Fc', '1', 'y'), { recursive: true })
    writeFileSync(home.stubs('A%2FB%2Fc', '1', 'y', 'f'), 'content')
    await linkStubs(home, deployment, [link('plain', 'y')])
    expect(names()).toContain('plain')
    expect(names()).not.toContain('@scope/inner')
    expect(lstatSync(join(deployment, 'node_modules/plain')).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(deployment, 'node_modules/plain/f'), 'utf8')).toBe('content')
  })
})

describe('the report of an operation', () => {
  it('keeps the first cause, and shows DEPLOYED as ACTIVATED once it is closed', async () => {
    const operation = new RunningOperation('DEPLOY', 'echo')
    const one = { serviceClass: 'A', serviceName: 'B', serviceVersion: '1', packageName: 'c', packageVersion: '1' }
    operation.packages([{ ...one, status: 'DEPLOYED' }])
    operation.fails(new Error('first'), ['line'])
    operation.fails(new Error('second'))
    await expect(operation.step('start', () => Promise.reject(new Error('third')))).rejects.toThrow('third')
    operation.close(operation.closing('failed'))
    operation.close(operation.closing('done'))
    const report = await operation.closed
    expect(report).toMatchObject({ outcome: 'failed', cause: { message: 'first' }, lastLines: ['line'] })
    expect(report.packages).toMatchObject([{ status: 'ACTIVATED' }])
    expect(report.steps).toMatchObject([{ name: 'start', durationMs: expect.any(Number) }])
  })
})
