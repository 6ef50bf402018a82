import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { zipSync } from 'fflate'
import { create } from 'tar'
import { describe, expect, it } from 'vitest'
import { echoFiles } from '../support/archives.ts'
import { folderForAll, readBytes } from '../support/read.ts'
import { gnuMagic, longName, oldMagic, paxHeader, tarEntry, tarGz } from '../support/tar-bytes.ts'
import { extraField, u64, zip, zip64End } from '../support/zip-bytes.ts'

const folder = folderForAll()
const long = `lib/${'long-name-'.repeat(9)}/${'of-a-module-'.repeat(9)}.js`
const contents = {
  ...echoFiles,
  'lib/größe/模块.js': 'export const size = 1\n',
  [long]: 'export const long = 1\n',
  'share/empty': '',
  'share/data.txt': Array.from({ length: 300_000 }, (_, i) => String(i * i)).join(),
} as Readonly<Record<string, string>>

/** The same GAR as a folder of files, for packers to pack. */
const source = join(folder, 'source')
for (const [path, content] of Object.entries(contents)) {
  mkdirSync(join(source, dirname(path)), { recursive: true })
  writeFileSync(join(source, path), content)
}
const packed = join(folder, 'packed')

const has = (command: string): boolean => spawnSync(command, ['--version']).error === undefined
const run = (command: string, ...args: string[]): Buffer => {
  execFileSync(command, args, { cwd: source, env: { ...process.env, LC_ALL: 'C.UTF-8' } })
  return readFileSync(packed)
}
const fresh = (extension: string): string => `${packed}${extension}`
const python = (program: string): Buffer => {
  execFileSync('python3', ['-c', program, packed], { cwd: source, env: { ...process.env, PYTHONUTF8: '1' } })
  return readFileSync(packed)
}

/** Each packer that this machine has; those that come with dhn's own packages are always there. */
const packers: (readonly [name: string, pack: () => Buffer | Promise<Buffer>])[] = [
  [
    'the tar package',
    async () => {
      await create({ file: packed, cwd: source, gzip: true, portable: false }, ['.'])
      return readFileSync(packed)
    },
  ],
  [
    'the fflate package',
    () =>
      Buffer.from(
        zipSync(Object.fromEntries(Object.entries(contents).map(([path, text]) => [path, Buffer.from(text)]))),
      ),
  ],
  ...(has('tar')
    ? (['gnu', 'oldgnu', 'pax', 'posix'] as const).map(
        (form) => [`tar --format=${form}`, () => run('tar', `--format=${form}`, '-czf', packed, '.')] as const,
      )
    : []),
  ...(has('tar') ? [['tar of names', () => run('tar', '-czf', packed, 'etc', 'lib', 'share')] as const] : []),
  ...(has('zip')
    ? [
        ['zip', () => zipped(['-qr'])] as const,
        ['zip without folders', () => zipped(['-qrD'])] as const,
        ['zip, stored', () => zipped(['-qr0'])] as const,
        ['zip, zip64', () => zipped(['-qr', '-fz'])] as const,
      ]
    : []),
  ...(has('jar') ? [['jar', () => run('jar', 'cfM', packed, '.')] as const] : []),
  ...(has('python3')
    ? [
        [
          'tarfile',
          () => python("import sys,tarfile\nwith tarfile.open(sys.argv[1],'w:gz') as t: t.add('.')"),
        ] as const,
        [
          'zipfile, streamed',
          () =>
            python(
              [
                'import os,sys,zipfile',
                'class Pipe:',
                '  def __init__(self, file): self.file = file',
                '  def write(self, data): return self.file.write(data)',
                '  def flush(self): self.file.flush()',
                "with open(sys.argv[1],'wb') as out, zipfile.ZipFile(Pipe(out),'w',zipfile.ZIP_DEFLATED) as z:",
                "  for folder, _, names in os.walk('.'):",
                '    for name in names: z.write(os.path.relpath(os.path.join(folder, name)))',
              ].join('\n'),
            ),
        ] as const,
      ]
    : []),
]

function zipped(options: string[]): Buffer {
  const file = fresh('.zip')
  execFileSync('rm', ['-f', file])
  execFileSync('zip', [...options, file, '.'], { cwd: source, env: { ...process.env, LC_ALL: 'C.UTF-8' } })
  return readFileSync(file)
}

describe('a GAR in order', () => {
  it.each(packers)('is read as it is from %s', async (_, pack) => {
    const { gar, problems } = await readBytes(folder, 'echo.gar', await pack())
    for (const [path, content] of Object.entries(contents)) {
      expect(readFileSync(join(gar?.root as string, path), 'utf8')).toBe(content)
    }
    expect(gar).toMatchObject({ entries: 14, unpackedSize: Buffer.byteLength(Object.values(contents).join('')) })
    expect(problems.filter(({ level }) => level !== 'note')).toEqual([])
  })
})

describe('a tar in order', () => {
  const echo = Object.entries(echoFiles).map(([name, content]) => tarEntry(name, content))
  const read = async (...entries: Buffer[]): Promise<string> =>
    (await readBytes(folder, 'echo.gar', tarGz(...echo, ...entries))).gar?.root as string

  it('may be of the old form, where a slash tells a folder', async () => {
    const root = await read(
      tarEntry({ name: 'lib/old/', type: '\0', magic: oldMagic }),
      tarEntry({ name: 'lib/old/x', type: '\0', magic: oldMagic }, 'old'),
    )
    expect(readFileSync(join(root, 'lib/old/x'), 'utf8')).toBe('old')
  })

  it('may have a long name of GNU, and a prefix of POSIX', async () => {
    const root = await read(
      longName('lib/by-gnu'),
      tarEntry({ name: 'short', magic: gnuMagic }, 'gnu'),
      tarEntry({ name: 'x', prefix: 'lib/by-posix' }, 'posix'),
    )
    expect(readFileSync(join(root, 'lib/by-gnu'), 'utf8')).toBe('gnu')
    expect(readFileSync(join(root, 'lib/by-posix/x'), 'utf8')).toBe('posix')
  })

  it('may have the comment of a commit, attributes, and the true size in extended headers', async () => {
    const root = await read(
      paxHeader({ comment: '0123456789abcdef' }, 'g'),
      paxHeader({ mtime: '1.5', uid: '7', 'SCHILY.xattr.user.x': 'y', 'LIBARCHIVE.creationtime': '1', size: '3' }),
      tarEntry('lib/pax', 'pax'),
    )
    expect(readFileSync(join(root, 'lib/pax'), 'utf8')).toBe('pax')
  })

  it('gives no rights: neither setuid nor anything else of a mode is taken over', async () => {
    const root = await read(
      tarEntry({ name: 'lib/setuid', mode: 0o6777 }, '#!/bin/sh\n'),
      tarEntry({ name: 'lib/closed', mode: 0 }, 'x'),
      tarEntry({ name: 'lib/sticky/', type: '5', mode: 0o7777 }),
    )
    const umask = process.umask()
    const modes = ['lib/setuid', 'lib/closed', 'lib/sticky'].map((path) => statSync(join(root, path)).mode & 0o7777)
    expect(modes).toEqual([0o644 & ~umask, 0o644 & ~umask, 0o755 & ~umask])
  })
})

describe('a zip in order', () => {
  const parts = Object.entries(echoFiles).map(([name, content]) => ({ name, content }))
  const read = async (bytes: Buffer): Promise<string> =>
    (await readBytes(folder, 'echo.gar', bytes)).gar?.root as string

  it.each(['signed', 'plain', 'zip64'] as const)('may have data descriptors: %s', async (descriptor) => {
    const root = await read(zip(parts.map((part) => ({ ...part, descriptor }))))
    expect(readFileSync(join(root, 'lib/samples/Echo.js'), 'utf8')).toBe(echoFiles['lib/samples/Echo.js'])
  })

  it('may have zip64 records that say the same', async () => {
    const wide = { size: 0xffff_ffff, extra: extraField(1, u64(7)) }
    const root = await read(
      zip([...parts, { name: 'lib/x', content: 'content', central: wide }], { beforeEnd: zip64End() }),
    )
    expect(readFileSync(join(root, 'lib/x'), 'utf8')).toBe('content')
  })

  it('may have a comment', async () => {
    await expect(read(zip(parts, { comment: Buffer.from('made by hand') }))).resolves.toBeDefined()
  })

  it('may have a setuid file, which loses that', async () => {
    const root = await read(zip([...parts, { name: 'lib/setuid', content: 'x', mode: 0o104777 }]))
    expect(statSync(join(root, 'lib/setuid')).mode & 0o7111).toBe(0)
  })
})
