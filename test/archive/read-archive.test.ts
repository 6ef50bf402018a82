import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readArchive } from '../../src/archive/read-archive.ts'
import { readArchiveHere } from '../../src/archive/read-archive-here.ts'
import { echoFiles, makeGar } from '../support/archives.ts'
import { folderForAll, treeOf } from '../support/read.ts'
import { tar, tarEntry } from '../support/tar-bytes.ts'
import { zip } from '../support/zip-bytes.ts'

const folder = folderForAll()
const written = (name: string, bytes: Buffer): string => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}

describe('reading an archive in a thread of its own', () => {
  it('gives the same as reading it here', async () => {
    const file = written('echo.gar', makeGar(echoFiles))
    const staging = join(folder, 'same')
    const here = await readArchiveHere(file, { name: 'echo.gar', staging })
    execFileSync('rm', ['-r', staging])
    expect(await readArchive(file, { name: 'echo.gar', staging })).toEqual(here)
  })

  it('gives the code, the message, the facts and the next step of a refusal', async () => {
    const file = written('bare.gar', makeGar({ 'lib/x.js': '' }))
    await expect(readArchive(file, { name: 'bare.gar', staging: join(folder, 'refused') })).rejects.toMatchObject({
      code: 'DHN_WSDD_MISSING',
      message: expect.stringContaining('bare'),
      next: expect.stringContaining('deploy-server.wsdd'),
      data: { facts: { garId: 'bare' } },
    })
    expect(existsSync(join(folder, 'refused'))).toBe(false)
  })

  it('lets the thread that asked go on meanwhile', async () => {
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`lib/${i % 50}/${i}.js`, `// ${i}`]))
    const file = written('many.gar', makeGar({ ...echoFiles, ...many }, 'tar.gz'))
    let ticks = 0
    const ticking = setInterval(() => (ticks += 1), 1)
    const archive = await readArchive(file, { name: 'many.gar', staging: join(folder, 'many') })
    clearInterval(ticking)
    expect(archive.gar?.modules).toHaveLength(2001)
    expect(ticks).toBeGreaterThan(20)
  })
})

describe('reading an archive', () => {
  it('is refused without one', async () => {
    const staging = join(folder, 'none')
    const options = { name: 'x.gar', staging }
    await expect(readArchiveHere(join(folder, 'none.gar'), options)).rejects.toMatchObject({
      code: 'DHN_ARCHIVE_NOT_FOUND',
    })
    await expect(readArchiveHere(folder, options)).rejects.toMatchObject({ code: 'DHN_ARCHIVE_NOT_FOUND' })
    const pipe = join(folder, 'pipe')
    execFileSync('sh', ['-c', 'mkfifo "$0"', pipe])
    await expect(readArchiveHere(pipe, options)).rejects.toMatchObject({ code: 'DHN_ARCHIVE_NOT_FOUND' })
    expect(existsSync(staging)).toBe(false)
  })

  it('never touches a staging folder that is there already', async () => {
    const staging = join(folder, 'taken')
    mkdirSync(staging)
    writeFileSync(join(staging, 'file'), 'of somebody else')
    const before = treeOf(staging)
    const file = written('echo.gar', makeGar(echoFiles))
    await expect(readArchiveHere(file, { name: 'echo.gar', staging })).rejects.toMatchObject({
      code: 'DHN_ARCHIVE_NOT_UNPACKED',
      errno: 'EEXIST',
    })
    expect(treeOf(staging)).toEqual(before)
  })

  it('leaves the archive file as it was', async () => {
    const bytes = makeGar(echoFiles)
    const file = written('kept.gar', bytes)
    await readArchiveHere(file, { name: 'kept.gar', staging: join(folder, 'kept') })
    expect(readFileSync(file)).toEqual(bytes)
  })
})

const large = Buffer.alloc(96 * 1024 * 1024)
const echo = Object.entries(echoFiles)

describe('a file system that takes no more', () => {
  it('is named by its error, and nothing is left on it', () => {
    const module = fileURLToPath(new URL('../../dist/archive/read-archive.js', import.meta.url))
    const program = `
      import { readArchive } from ${JSON.stringify(module)}
      const [file, staging] = process.argv.slice(1)
      const refused = await readArchive(file, { name: 'large.gar', staging, limits: { ratio: 1e6 } }).catch((error) => error)
      console.log(JSON.stringify({ code: refused.code, facts: refused.data.facts }))`
    const file = written(
      'full.gar',
      gzipSync(tar(...echo.map(([name, text]) => tarEntry(name, text)), tarEntry('lib/x', large))),
    )
    const staging = join(folder, 'full')
    const limited = 'ulimit -f 2048; exec "$@"'
    const args = ['-c', limited, 'sh', process.execPath, '--input-type=module', '-e', program, file, staging]
    expect(JSON.parse(execFileSync('sh', args, { encoding: 'utf8' }))).toEqual({
      code: 'DHN_ARCHIVE_NOT_UNPACKED',
      facts: { errno: 'EFBIG' },
    })
    expect(existsSync(staging)).toBe(false)
  })
})

describe('a thread that waits for an archive', () => {
  it('reads the next one, once, and keeps no process alive', () => {
    const module = fileURLToPath(new URL('../../dist/archive/read-archive.js', import.meta.url))
    const program = `
      import { expectArchive, readArchive } from ${JSON.stringify(module)}
      const [file, staging] = process.argv.slice(1)
      for (const name of ['one', 'two', 'three']) {
        if (name !== 'three') expectArchive()
        console.log((await readArchive(file, { name: 'echo.gar', staging: staging + name })).id)
      }
      expectArchive()`
    const file = written('echo.gar', makeGar(echoFiles))
    const args = ['--input-type=module', '-e', program, file, join(folder, 'expected-')]
    expect(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 15_000 })).toBe('echo\necho\necho\n')
  })
})

describe('the memory that reading takes', () => {
  const program = `
    import { readArchiveHere } from ${JSON.stringify(fileURLToPath(new URL('../../dist/archive/read-archive-here.js', import.meta.url)))}
    const [file, staging] = process.argv.slice(1)
    const before = process.resourceUsage().maxRSS
    const { gar } = await readArchiveHere(file, { name: 'large.gar', staging, limits: { ratio: 1e6 } })
    console.log(JSON.stringify({ size: gar.unpackedSize, kilobytes: process.resourceUsage().maxRSS - before }))`

  it.each([
    ['tar.gz', () => gzipSync(tar(...echo.map(([name, text]) => tarEntry(name, text)), tarEntry('lib/large', large)))],
    ['zip', () => zip([...echo.map(([name, content]) => ({ name, content })), { name: 'lib/large', content: large }])],
    [
      'zip, stored',
      () =>
        zip([
          ...echo.map(([name, content]) => ({ name, content })),
          { name: 'lib/large', content: large, stored: true },
        ]),
    ],
  ])('is less than 64 MiB for a file of 96 MiB in a %s', (name, pack) => {
    const file = written('large.gar', pack())
    const args = ['--input-type=module', '-e', program, file, join(folder, `large ${name}`)]
    const used = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
    expect(used.size).toBeGreaterThan(large.length)
    expect(used.kilobytes).toBeLessThan(64 * 1024)
  })
})
