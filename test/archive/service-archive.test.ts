import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Problem } from '../../src/archive/problem.ts'
import {
  echoFiles,
  type Files,
  makeGar,
  makeServiceArchive,
  profileText,
  type TestPackage,
} from '../support/archives.ts'
import { folderForAll, readBytes } from '../support/read.ts'
import { tarEntry, tarGz } from '../support/tar-bytes.ts'

const folder = folderForAll()
const gar = makeGar(echoFiles, 'tar.gz')
const main: TestPackage = { name: 'echo-service', gar: 'org_samples_echo.gar' }
const mainFolder = { 'echo-service': { 'org_samples_echo.gar': gar } }
const stubs: TestPackage = { name: 'echo-stubs', files: ['index.js', 'package.json'] }
const stubsFolder: Readonly<Record<string, Files>> = {
  'echo-stubs': { 'index.js': 'export const echo = 1\n', 'package.json': '{"name":"@samples/echo","type":"module"}' },
}

const read = (packages: readonly TestPackage[], folders: Readonly<Record<string, Files>>, name = 'echo-1.0.tar.gz') =>
  readBytes(folder, name, makeServiceArchive(profileText({ packages }), folders))
const errors = (problems: readonly Problem[]): string[] =>
  problems.filter(({ level }) => level === 'error').map(({ code }) => code)

describe('a service archive', () => {
  it('is its GAR, its packages and its profile', async () => {
    const archive = await read([main, stubs], { ...mainFolder, ...stubsFolder })
    expect(archive).toMatchObject({
      kind: 'service-archive',
      id: 'org_samples_echo',
      gar: { id: 'org_samples_echo', format: 'tar.gz', modules: ['lib/samples/Echo.js'] },
      profile: { serviceClass: 'Samples', serviceName: 'Echo' },
      packages: [
        { declared: { name: 'echo-stubs' }, importName: '@samples/echo', files: ['index.js', 'package.json'] },
      ],
    })
    expect(archive.problems).toEqual([])
    expect(existsSync(join(archive.packages[0]?.root as string, 'index.js'))).toBe(true)
  })

  it('may hold its GAR as a zip', async () => {
    const archive = await read([main], { 'echo-service': { 'org_samples_echo.gar': makeGar(echoFiles) } })
    expect(archive.gar?.format).toBe('zip')
  })

  it('may hold Software packages alone, and is then named by its file', async () => {
    for (const name of ['stubs-1.0.tar.gz', 'stubs-1.0.tgz']) {
      expect(await read([stubs], stubsFolder, name)).toMatchObject({ id: 'stubs-1.0', gar: undefined, problems: [] })
    }
  })

  it('may have ./ before its names, and a folder for each package', async () => {
    const bytes = tarGz(
      tarEntry({ name: './', type: '5' }),
      tarEntry('./profile.xml', profileText({ packages: [stubs] })),
      tarEntry({ name: './echo-stubs/', type: '5' }),
      ...Object.entries(stubsFolder['echo-stubs'] ?? {}).map(([name, text]) => tarEntry(`./echo-stubs/${name}`, text)),
    )
    expect(await readBytes(folder, 'stubs.tar.gz', bytes)).toMatchObject({
      packages: [{ importName: '@samples/echo' }],
    })
  })

  it('is refused without profile.xml at its root', async () => {
    await expect(readBytes(folder, 'x.tar.gz', tarGz(tarEntry('a/b', 'x'), tarEntry('c', 'x')))).rejects.toMatchObject({
      code: 'DHN_PROFILE_MISSING',
    })
  })

  it('is told where it was packed from outside', async () => {
    const bytes = tarGz(tarEntry('echo/profile.xml', profileText({ packages: [stubs] })), tarEntry('echo/echo-stubs/x'))
    await expect(readBytes(folder, 'x.tar.gz', bytes)).rejects.toMatchObject({
      code: 'DHN_ARCHIVE_TOP_FOLDER',
      folder: 'echo',
      next: expect.stringContaining('-C echo .'),
    })
  })

  it('is not a GAR by another name', async () => {
    await expect(readBytes(folder, 'echo.tar.gz', gar)).rejects.toMatchObject({
      code: 'DHN_GAR_MISNAMED',
      next: expect.stringContaining('.gar'),
    })
    await expect(readBytes(folder, 'echo.zip', makeGar(echoFiles))).rejects.toMatchObject({ code: 'DHN_GAR_MISNAMED' })
  })

  it('is refused for a name that can be no folder', async () => {
    await expect(read([stubs], stubsFolder, '.tar.gz')).rejects.toMatchObject({ code: 'DHN_ARCHIVE_NAME' })
    await expect(
      read([{ name: 'echo-service', gar: 'a b.gar' }], { 'echo-service': { 'a b.gar': gar } }),
    ).rejects.toMatchObject({ code: 'DHN_ARCHIVE_NAME' })
  })

  it('has a profile of its own that counts, whatever the GAR has', async () => {
    const other = makeGar({ ...echoFiles, 'etc/profile.xml': '<other/>' })
    const { problems, profile } = await read([main], { 'echo-service': { 'org_samples_echo.gar': other } })
    expect(profile?.serviceName).toBe('Echo')
    expect(problems).toEqual([expect.objectContaining({ level: 'note', code: 'profile-copy-differs' })])
  })
})

describe('the packages of a service archive', () => {
  it('have the GAR that the profile names', async () => {
    const { gar: none, problems } = await read([main], { 'echo-service': { 'other.gar': gar } })
    expect(none).toBeUndefined()
    expect(problems).toContainEqual(
      expect.objectContaining({
        level: 'error',
        code: 'gar-missing',
        message: expect.stringContaining('echo-service/other.gar'),
      }),
    )
    expect(errors((await read([main], {})).problems)).toEqual(['gar-missing'])
    expect(
      errors((await read([{ ...main, gar: 'echo.zip' }], { 'echo-service': { 'echo.zip': gar } })).problems),
    ).toEqual(['gar-missing'])
  })

  it('have one Main at most', async () => {
    const second: TestPackage = { name: 'second', gar: 'second.gar' }
    const { problems } = await read([main, second], { ...mainFolder, second: { 'second.gar': gar } })
    expect(errors(problems)).toEqual(['profile-mains'])
  })

  it('have their folder and every file that the profile lists', async () => {
    expect(errors((await read([main, stubs], mainFolder)).problems)).toEqual(['package-folder-missing'])
    const { problems } = await read([main, stubs], { ...mainFolder, 'echo-stubs': { 'index.js': '' } })
    expect(problems).toContainEqual({
      level: 'error',
      code: 'package-file-missing',
      message: 'package echo-stubs: echo-stubs/package.json is missing',
      file: 'profile.xml',
    })
  })

  it('never have a file that is outside of their folder', async () => {
    const odd = { ...stubs, files: ['../profile.xml', '/etc/passwd', 'index.js', 'package.json'] }
    const { problems } = await read([main, odd], { ...mainFolder, ...stubsFolder })
    expect(errors(problems)).toEqual(['package-file-missing', 'package-file-missing'])
    const outside = await read([main, { ...stubs, name: '../echo-stubs' }], { ...mainFolder, ...stubsFolder })
    expect(errors(outside.problems)).toEqual(['package-folder-missing'])
  })

  it('may have files that the profile does not list: a note', async () => {
    const { problems } = await read([main, { ...stubs, files: ['index.js'] }], { ...mainFolder, ...stubsFolder })
    expect(problems).toEqual([
      expect.objectContaining({ level: 'note', code: 'package-file-unlisted', file: 'echo-stubs/package.json' }),
    ])
  })

  it('may lie beside folders of no package: a note', async () => {
    const { problems } = await read([main], { ...mainFolder, doc: { 'api/index.html': '' } })
    expect(problems).toEqual([expect.objectContaining({ level: 'note', code: 'folder-of-no-package', file: 'doc/' })])
  })

  it('have each name once', async () => {
    expect(errors((await read([stubs, stubs], stubsFolder)).problems)).toEqual(['profile-package-repeated'])
  })

  it.each([
    ['{"name":"counter"}', 'counter', []],
    ['{"name":"@a/b.c-d"}', '@a/b.c-d', []],
    [undefined, 'echo-stubs', []],
    ['{', 'echo-stubs', ['warning package-json']],
    ['null', 'echo-stubs', ['warning package-json']],
    ['{"name":7}', 'echo-stubs', ['warning package-json']],
    ['{"name":"../../lib"}', '../../lib', ['error import-name']],
    ['{"name":"/etc"}', '/etc', ['error import-name']],
    ['{"name":""}', '', ['error import-name']],
    ['{"name":".."}', '..', ['error import-name']],
    ['{"name":".bin"}', '.bin', ['error import-name']],
    ['{"name":"dhn"}', 'dhn', ['error import-name']],
    ['{"name":"fs"}', 'fs', ['error import-name']],
    ['{"name":"node:fs"}', 'node:fs', ['error import-name']],
    ['{"name":"node_modules"}', 'node_modules', ['error import-name']],
    ['{"name":"a/b"}', 'a/b', ['error import-name']],
  ])('are imported by the name in their package.json: %s is %s', async (packageJson, importName, found) => {
    const files: Files = { 'index.js': '', ...(packageJson === undefined ? {} : { 'package.json': packageJson }) }
    const { packages, problems } = await read([{ ...stubs, files: Object.keys(files) }], { 'echo-stubs': files })
    expect(packages[0]?.importName).toBe(importName)
    expect(problems.map(({ level, code }) => `${level} ${code}`)).toEqual(found)
  })

  it('have import names of their own', async () => {
    const twin = { name: 'twin', files: ['package.json'] }
    const { problems } = await read([stubs, twin], {
      ...stubsFolder,
      twin: { 'package.json': '{"name":"@samples/echo"}' },
    })
    expect(errors(problems)).toEqual(['import-name-twice'])
  })
})

describe('the digest of a package', () => {
  it('is over the digests and names of its files, as sha256sum prints them', async () => {
    const { packages } = await read([stubs], stubsFolder)
    const sum = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')
    const lines = Object.entries(stubsFolder['echo-stubs'] ?? {}).map(([name, text]) => `${sum(text)}  ${name}\n`)
    expect(packages[0]?.digest).toBe(sum(lines.join('')))
  })

  it('is the same for the same files in another order, and another for another content or name', async () => {
    const digest = async (files: Files): Promise<string | undefined> =>
      (await read([{ ...stubs, files: Object.keys(files) }], { 'echo-stubs': files })).packages[0]?.digest
    const first = await digest({ a: '1', b: '2' })
    expect(await digest({ b: '2', a: '1' })).toBe(first)
    expect(await digest({ a: '1', b: '3' })).not.toBe(first)
    expect(await digest({ a: '1', c: '2' })).not.toBe(first)
    expect(await digest({ a: '12', b: '' })).not.toBe(first)
  })
})
