import { gzipSync } from 'node:zlib'
import type { ArchiveLimits } from '../../src/archive/limits.ts'
import { echoFiles, type HostileArchive, makeServiceArchive, profileText } from './archives.ts'
import { hostileZips, zipWith } from './hostile-zips.ts'
import {
  gnuMagic,
  longName,
  oldMagic,
  paxHeader,
  paxRecord,
  rawPaxHeader,
  type TarFields,
  tar,
  tarEntry,
  tarGz,
  tarHeader,
} from './tar-bytes.ts'

/** Archives that have to be refused, each with its code. All but the named fault is in order. */
export const hostileArchives = (): readonly HostileArchive[] => [
  ...names().flatMap(({ what, name, code }) => [
    { what: `tar: ${what}`, name: 'x.gar', bytes: tarWith(tarEntry({ name })), code },
    { what: `tar, pax path: ${what}`, name: 'x.gar', bytes: tarWith(paxHeader2(name), tarEntry('short')), code },
    { what: `zip: ${what}`, name: 'x.gar', bytes: zipNamed(name), code },
  ]),
  ...pairs().flatMap(({ what, first, second, code }) => [
    { what: `tar: ${what}`, name: 'x.gar', bytes: tarWith(tarEntryOf(first), tarEntryOf(second)), code },
    { what: `zip: ${what}`, name: 'x.gar', bytes: zipNamed(first, second), code },
  ]),
  ...hostileTars(),
  ...hostileGzips(),
  ...hostileZips(),
  ...inServiceArchives(),
]

const echoEntries = (): Buffer[] => Object.entries(echoFiles).map(([name, content]) => tarEntry(name, content))

/** A GAR that is in order, with these blocks at its end. */
export const tarWith = (...entries: readonly Buffer[]): Buffer => tarGz(...echoEntries(), ...entries)

const zipNamed = (...named: readonly (string | Buffer)[]): Buffer =>
  zipWith(named.map((name) => ({ name, content: String(name).endsWith('/') ? '' : 'x' })))

const tarEntryOf = (name: string): Buffer => (name.endsWith('/') ? tarEntry({ name, type: '5' }) : tarEntry(name, 'x'))

/** A pax record takes any bytes. */
function paxHeader2(path: string | Buffer): Buffer {
  const bytes = Buffer.from(path)
  const record = paxRecord(['path', 'x'.repeat(bytes.length)])
  const head = Buffer.from(record.slice(0, record.indexOf('=') + 1))
  return rawPaxHeader(Buffer.concat([head, bytes, Buffer.from('\n')]))
}

/** Names that are refused, however they are written. */
const names = (): { what: string; name: string | Buffer; code: string }[] => [
  { what: 'absolute path', name: '/etc/passwd', code: 'DHN_ARCHIVE_ABSOLUTE_PATH' },
  { what: 'two slashes first', name: '//etc/passwd', code: 'DHN_ARCHIVE_ABSOLUTE_PATH' },
  { what: '.. first', name: '../outside', code: 'DHN_ARCHIVE_PARENT_PATH' },
  { what: '.. in the middle', name: 'lib/../../outside', code: 'DHN_ARCHIVE_PARENT_PATH' },
  { what: '.. that stays inside', name: 'lib/../etc/x', code: 'DHN_ARCHIVE_PARENT_PATH' },
  { what: '.. last', name: 'lib/..', code: 'DHN_ARCHIVE_PARENT_PATH' },
  { what: '.. behind ./', name: './../outside', code: 'DHN_ARCHIVE_PARENT_PATH' },
  { what: 'backslashes', name: '..\\outside', code: 'DHN_ARCHIVE_BACKSLASH' },
  { what: 'a backslash in a name', name: 'lib\\x.js', code: 'DHN_ARCHIVE_BACKSLASH' },
  { what: 'a drive letter', name: 'C:/outside', code: 'DHN_ARCHIVE_DRIVE_PATH' },
  { what: 'a path relative to a drive', name: 'c:outside', code: 'DHN_ARCHIVE_DRIVE_PATH' },
  { what: 'a newline', name: 'lib/a\nb', code: 'DHN_ARCHIVE_CONTROL_CHARACTER' },
  { what: 'an escape sequence', name: 'lib/\u001b[2Jx', code: 'DHN_ARCHIVE_CONTROL_CHARACTER' },
  { what: 'DEL', name: 'lib/\u007f', code: 'DHN_ARCHIVE_CONTROL_CHARACTER' },
  { what: 'a C1 control', name: 'lib/\u0085x', code: 'DHN_ARCHIVE_CONTROL_CHARACTER' },
  { what: 'text turned round', name: 'lib/\u202esj.x', code: 'DHN_ARCHIVE_CONTROL_CHARACTER' },
  { what: 'an empty segment', name: 'lib//x', code: 'DHN_ARCHIVE_EMPTY_SEGMENT' },
  { what: 'a . segment', name: 'lib/./x', code: 'DHN_ARCHIVE_EMPTY_SEGMENT' },
  { what: './ twice', name: '././x', code: 'DHN_ARCHIVE_EMPTY_SEGMENT' },
  { what: 'bytes that are not UTF-8', name: Buffer.from([0x6c, 0xff, 0xfe]), code: 'DHN_ARCHIVE_NAME_ENCODING' },
  { what: 'an overlong slash', name: Buffer.from([0x61, 0xc0, 0xaf, 0x62]), code: 'DHN_ARCHIVE_NAME_ENCODING' },
  { what: 'a surrogate', name: Buffer.from([0xed, 0xa0, 0x80]), code: 'DHN_ARCHIVE_NAME_ENCODING' },
]

/** Two entries that are each in order. */
const pairs = (): { what: string; first: string; second: string; code: string }[] => [
  { what: 'the same file twice', first: 'lib/a', second: 'lib/a', code: 'DHN_ARCHIVE_DUPLICATE' },
  { what: 'the same folder twice', first: 'share/', second: 'share/', code: 'DHN_ARCHIVE_DUPLICATE' },
  { what: 'the root folder twice', first: './', second: './', code: 'DHN_ARCHIVE_DUPLICATE' },
  { what: 'the same file, once with ./', first: 'lib/a', second: './lib/a', code: 'DHN_ARCHIVE_DUPLICATE' },
  { what: 'files that differ in case', first: 'lib/a', second: 'lib/A', code: 'DHN_ARCHIVE_CASE_TWIN' },
  { what: 'folders that differ in case', first: 'share/a', second: 'Share/b', code: 'DHN_ARCHIVE_CASE_TWIN' },
  { what: 'sharp s and SS', first: 'lib/gro\u00df', second: 'lib/GROSS', code: 'DHN_ARCHIVE_CASE_TWIN' },
  { what: 'NFC and NFD', first: 'lib/\u00e9', second: 'lib/e\u0301', code: 'DHN_ARCHIVE_UNICODE_TWIN' },
  { what: 'NFC and NFD folders', first: 'lib/\u00e9/a', second: 'lib/e\u0301/b', code: 'DHN_ARCHIVE_UNICODE_TWIN' },
  { what: 'a file in a file', first: 'lib/a', second: 'lib/a/b', code: 'DHN_ARCHIVE_FILE_AND_FOLDER' },
  { what: 'a file for a folder', first: 'lib/a/b', second: 'lib/a', code: 'DHN_ARCHIVE_FILE_AND_FOLDER' },
  { what: 'a folder for a file', first: 'lib/a', second: 'lib/a/', code: 'DHN_ARCHIVE_FILE_AND_FOLDER' },
]

const hostileTars = (): HostileArchive[] => {
  const one = (
    what: string,
    code: string,
    entries: Buffer | readonly Buffer[],
    limits?: Partial<ArchiveLimits>,
  ): HostileArchive => ({
    what: `tar: ${what}`,
    name: 'x.gar',
    bytes: tarWith(...(Buffer.isBuffer(entries) ? [entries] : entries)),
    code: `DHN_ARCHIVE_${code}`,
    ...(limits === undefined ? {} : { limits }),
  })
  const typed = (type: string, rest: Partial<TarFields> = {}): Buffer => tarEntry({ name: 'lib/x', type, ...rest })
  const file = tarEntry('lib/x', 'content')
  const patched = (at: number, bytes: string, afterChecksum = false): Buffer =>
    tarHeader({ name: 'lib/x', patch: { at, bytes: Buffer.from(bytes, 'latin1'), afterChecksum } })

  return [
    one('hard link outside', 'LINK', typed('1', { linkName: '/etc/passwd' })),
    one('hard link inside', 'LINK', typed('1', { linkName: 'etc/deploy-server.wsdd' })),
    one('symbolic link outside', 'LINK', typed('2', { linkName: '../../outside' })),
    one('symbolic link inside', 'LINK', typed('2', { linkName: 'samples/Echo.js' })),
    one('a link and a file through it', 'LINK', [
      tarEntry({ name: 'lib/door', type: '2', linkName: '/tmp' }),
      tarEntry('lib/door/x', 'through'),
    ]),
    one('a chain of links', 'LINK', [
      tarEntry({ name: 'lib/a', type: '2', linkName: 'b' }),
      tarEntry({ name: 'lib/b', type: '2', linkName: '../..' }),
      tarEntry('lib/a/x', 'through'),
    ]),
    one('long link (GNU)', 'LINK', [longName('a'.repeat(200), 'K'), typed('2', { linkName: 'a' })]),
    one('link path in pax', 'LINK', [paxHeader({ linkpath: '/etc/passwd' }), file]),
    one('link path in global pax', 'LINK', [paxHeader({ linkpath: '/etc/passwd' }, 'g'), file]),
    one('character device', 'SPECIAL_FILE', typed('3')),
    one('block device', 'SPECIAL_FILE', typed('4')),
    one('named pipe', 'SPECIAL_FILE', typed('6')),
    one('contiguous file', 'ENTRY_TYPE', typed('7')),
    one('folder listing (GNU)', 'ENTRY_TYPE', typed('D')),
    one('part of several volumes', 'ENTRY_TYPE', typed('M')),
    one('volume label', 'ENTRY_TYPE', typed('V')),
    one('old long name', 'ENTRY_TYPE', typed('N')),
    one('extended header (Solaris)', 'ENTRY_TYPE', typed('X')),
    one('access list (Solaris)', 'ENTRY_TYPE', typed('A')),
    one('unknown type', 'ENTRY_TYPE', typed('Z')),
    one('type that is a control character', 'ENTRY_TYPE', typed('\u0001')),
    one('sparse file (GNU)', 'SPARSE', typed('S', { magic: gnuMagic })),
    one('sparse file (pax 0.1)', 'SPARSE', [paxHeader({ 'GNU.sparse.map': '0,1', 'GNU.sparse.size': '1' }), file]),
    one('sparse file (pax 1.0)', 'SPARSE', [paxHeader({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'y' }), file]),
    one('sparse file (star)', 'SPARSE', [paxHeader({ 'SCHILY.realsize': '9999999999' }), file]),
    one('setuid file that is a link', 'LINK', typed('2', { mode: 0o4755, linkName: '/bin/sh' })),

    one('wrong checksum', 'CHECKSUM', patched(0, 'lib/y', true)),
    one('checksum that is no number', 'CHECKSUM', patched(148, 'zzzzzz\0 ', true)),
    one('size that is no number', 'TAR_HEADER', patched(124, '0000000zzzz')),
    one('negative size', 'TAR_HEADER', patched(124, '-0000000001')),
    one('negative binary size', 'TAR_HEADER', patched(124, '\xff'.repeat(12))),
    one('binary size beyond numbers', 'TAR_HEADER', patched(124, `\x80${'\x7f'.repeat(11)}`)),
    one('binary size of 1 TiB', 'FILE_TOO_LARGE', patched(124, `\x80\0\0\0\0\0\x01\0\0\0\0\0`)),
    one('unknown magic', 'TAR_HEADER', tarHeader({ name: 'lib/x', magic: 'foobar00' })),
    one('something after the name', 'TAR_HEADER', patched(50, 'hidden')),
    one('something after the prefix', 'TAR_HEADER', patched(400, 'hidden')),
    one('prefix in the GNU form', 'TAR_HEADER', tarHeader({ name: 'lib/x', magic: gnuMagic, prefix: '..' })),
    one('prefix in the old form', 'TAR_HEADER', tarHeader({ name: 'lib/x', magic: oldMagic, prefix: '..' })),
    one('.. in the prefix', 'PARENT_PATH', tarHeader({ name: 'x', prefix: '../..' })),
    one('absolute prefix', 'ABSOLUTE_PATH', tarHeader({ name: 'x', prefix: '/etc' })),
    one('no name', 'EMPTY_SEGMENT', tarHeader({ name: '' })),
    one('the root as a file', 'EMPTY_SEGMENT', tarHeader({ name: './' })),
    one('folder with a size', 'TAR_HEADER', tarEntry({ name: 'lib/d/', type: '5' }, 'content')),
    one('folder in the old form with a size', 'TAR_HEADER', tarEntry({ name: 'lib/d/', type: '\0' }, 'content')),
    one('file with a slash at its end', 'EMPTY_SEGMENT', tarEntry('lib/d/', 'content')),

    one('pax: size', 'PAX_HEADER', [paxHeader({ size: '1' }), file]),
    one('pax: size of a folder', 'PAX_HEADER', [paxHeader({ size: '512' }), tarEntry({ name: 'd', type: '5' })]),
    one('pax: size that is no number', 'PAX_HEADER', [paxHeader({ size: '0x7' }), file]),
    one('pax: size with a zero first', 'PAX_HEADER', [paxHeader({ size: '07' }), file]),
    one('pax: path twice', 'PAX_HEADER', [
      rawPaxHeader(paxRecord(['path', 'lib/a']) + paxRecord(['path', 'lib/b'])),
      file,
    ]),
    one('pax: empty path', 'PAX_HEADER', [paxHeader({ path: '' }), file]),
    one('pax: two headers', 'PAX_HEADER', [paxHeader({ path: 'lib/a' }), paxHeader({ path: 'lib/b' }), file]),
    one('pax: and a long name', 'LONG_NAME', [paxHeader({ path: 'lib/a' }), longName('lib/b'), file]),
    one('pax: of no entry', 'PAX_HEADER', paxHeader({ path: 'lib/a' })),
    one('pax: another character set', 'PAX_HEADER', [paxHeader({ hdrcharset: 'BINARY' }), file]),
    one('pax: unknown key', 'PAX_HEADER', [paxHeader({ 'ACME.path': 'x' }), file]),
    one('pax: __proto__', 'PAX_HEADER', [paxHeader({ __proto__x: 'x', ['__proto__']: 'y' }), file]),
    one('pax: record too long', 'PAX_HEADER', [rawPaxHeader('99 path=lib/a\n'), file]),
    one('pax: record too short', 'PAX_HEADER', [rawPaxHeader('9 path=lib/a\n'), file]),
    one('pax: record of length 0', 'PAX_HEADER', [rawPaxHeader('0 path=lib/a\n'), file]),
    one('pax: no length', 'PAX_HEADER', [rawPaxHeader('path=lib/a\n'), file]),
    one('pax: a length without end', 'PAX_HEADER', [rawPaxHeader('1'.repeat(400)), file]),
    one('pax: no equals sign', 'PAX_HEADER', [rawPaxHeader('8 pathx\n'), file]),
    one('pax: zeros after the records', 'PAX_HEADER', [rawPaxHeader(`${paxRecord(['path', 'lib/a'])}\0\0\0`), file]),
    one('pax: NUL in the path', 'CONTROL_CHARACTER', [paxHeader({ path: 'lib/a\0.js' }), file]),
    one('pax: header of 65 KiB', 'PAX_HEADER', [paxHeader({ comment: 'x'.repeat(66_000) }), file]),
    one('pax: many large headers', 'UNPACKED_TOO_LARGE', manyHeaders(), { unpackedSize: 1024 * 1024 }),
    one('global pax: path', 'PAX_HEADER', [paxHeader({ path: 'lib/a' }, 'g'), file]),
    one('global pax: size', 'PAX_HEADER', [paxHeader({ size: '0' }, 'g'), file]),
    one('global pax: 65 KiB', 'PAX_HEADER', [paxHeader({ comment: 'x'.repeat(66_000) }, 'g'), file]),
    one('global pax: too many', 'TOO_MANY_ENTRIES', Array(50).fill(paxHeader({ comment: 'x' }, 'g')), { entries: 40 }),
    one('long name: ..', 'PARENT_PATH', [longName('../outside'), file]),
    one('long name: absolute', 'ABSOLUTE_PATH', [longName('/etc/passwd'), file]),
    one('long name: NUL inside', 'LONG_NAME', [longName('lib/a\0../outside'), file]),
    one('long name: no NUL', 'LONG_NAME', [tarEntry({ name: '././@LongLink', type: 'L' }, 'lib/a'), file]),
    one('long name: empty', 'LONG_NAME', [longName(''), file]),
    one('long name: no bytes', 'LONG_NAME', [tarEntry({ name: '././@LongLink', type: 'L' }), file]),
    one('long name: twice', 'LONG_NAME', [longName('lib/a'), longName('lib/b'), file]),
    one('long name: and pax', 'PAX_HEADER', [longName('lib/a'), paxHeader({ path: 'lib/b' }), file]),
    one('long name: 65 KiB', 'LONG_NAME', [longName('x'.repeat(66_000)), file]),
    one('long name: of no entry', 'PAX_HEADER', longName('lib/a')),

    one('path of 513 bytes', 'PATH_TOO_LONG', [paxHeader({ path: `lib/${longPath(509)}` }), file]),
    one('segment of 256 bytes', 'PATH_TOO_LONG', [paxHeader({ path: `lib/${'a'.repeat(256)}` }), file]),
    one('depth of 33', 'TOO_DEEP', [paxHeader({ path: 'a/'.repeat(32).concat('x') }), file]),
    one('a declared size beyond the limit', 'FILE_TOO_LARGE', tarHeader({ name: 'lib/x', size: 2 ** 28 + 1 })),
    one('many files', 'TOO_MANY_ENTRIES', manyFiles(), { entries: 100 }),
    one('many implied folders', 'TOO_MANY_ENTRIES', manyFolders(), { entries: 100 }),
    one('a bomb of zeros', 'RATIO', tarEntry('lib/zeros', Buffer.alloc(8 * 1024 * 1024))),
    one('a bomb in many files', 'RATIO', manyZeros()),
    one('more than may be unpacked', 'UNPACKED_TOO_LARGE', tarEntry('lib/x', 'x'.repeat(5000)), { unpackedSize: 5000 }),
    {
      what: 'tar: larger than an archive may be',
      name: 'x.gar',
      bytes: tarWith(),
      code: 'DHN_ARCHIVE_TOO_LARGE',
      limits: { archiveSize: 100 },
    },
    {
      what: 'tar: a descriptor of more than a megabyte',
      name: 'x.gar',
      bytes: tarGz(tarEntry('etc/deploy-server.wsdd', `<a>${'é <b/>'.repeat(20)}</a>`)),
      code: 'DHN_ARCHIVE_DESCRIPTOR_TOO_LARGE',
      limits: { descriptorSize: 100 },
    },
    { what: 'tar: 1 GiB of zeros', name: 'x.gar', bytes: gzipSync(bomb()), code: 'DHN_ARCHIVE_FILE_TOO_LARGE' },
    {
      what: 'tar: entries after its end',
      name: 'x.gar',
      bytes: gzipSync(Buffer.concat([tar(...echoEntries()), tar(tarEntry('lib/late', 'x'))])),
      code: 'DHN_ARCHIVE_TRAILING_DATA',
    },
    {
      what: 'tar: an entry after one zero block',
      name: 'x.gar',
      bytes: gzipSync(Buffer.concat([...echoEntries(), Buffer.alloc(512), tar(file)])),
      code: 'DHN_ARCHIVE_TRAILING_DATA',
    },
    {
      what: 'tar: something after its end',
      name: 'x.gar',
      bytes: gzipSync(Buffer.concat([tar(...echoEntries()), Buffer.from('hidden')])),
      code: 'DHN_ARCHIVE_TRAILING_DATA',
    },
    {
      what: 'tar: megabytes of zeros after its end',
      name: 'x.gar',
      bytes: gzipSync(Buffer.concat([tar(...echoEntries()), Buffer.alloc(2 * 1024 * 1024)])),
      code: 'DHN_ARCHIVE_TRAILING_DATA',
    },
    {
      what: 'tar: no end',
      name: 'x.gar',
      bytes: gzipSync(Buffer.concat(echoEntries())),
      code: 'DHN_ARCHIVE_TRUNCATED',
    },
    {
      what: 'tar: one zero block at its end',
      name: 'x.gar',
      bytes: gzipSync(Buffer.concat([...echoEntries(), Buffer.alloc(512)])),
      code: 'DHN_ARCHIVE_TRUNCATED',
    },
    {
      what: 'tar: content that ends early',
      name: 'x.gar',
      bytes: gzipSync(Buffer.concat([...echoEntries(), tarHeader({ name: 'lib/x', size: 5000 }), Buffer.alloc(1024)])),
      code: 'DHN_ARCHIVE_TRUNCATED',
    },
    {
      what: 'tar: half a header',
      name: 'x.gar',
      bytes: gzipSync(Buffer.concat([...echoEntries(), tarHeader({ name: 'lib/x' }).subarray(0, 200)])),
      code: 'DHN_ARCHIVE_TRUNCATED',
    },
    { what: 'tar: no tar in the gzip', name: 'x.gar', bytes: gzipSync('hello'), code: 'DHN_ARCHIVE_TRUNCATED' },
    { what: 'tar: nothing in the gzip', name: 'x.gar', bytes: gzipSync(''), code: 'DHN_ARCHIVE_TRUNCATED' },
    {
      what: 'tar: a text in the gzip',
      name: 'x.gar',
      bytes: gzipSync('hello '.repeat(200)),
      code: 'DHN_ARCHIVE_CHECKSUM',
    },
  ]
}

/** A path of exactly so many bytes whose segments are each short enough. */
const longPath = (length: number): string => 'a'.repeat(200).concat('/', 'b'.repeat(200), '/', 'c'.repeat(length - 402))
const manyHeaders = (): Buffer[] =>
  Array.from({ length: 40 }, (_, i) => [
    paxHeader({ comment: `${i}`.padEnd(60_000, 'xyz') }),
    tarEntry(`lib/${i}`, 'x'),
  ]).flat()
const manyFiles = (): Buffer[] => Array.from({ length: 100 }, (_, i) => tarEntry(`lib/${i}`))
const manyFolders = (): Buffer[] => Array.from({ length: 10 }, (_, i) => tarEntry(`lib/${i}/${'a/'.repeat(20)}x`))
const manyZeros = (): Buffer[] => Array.from({ length: 100 }, (_, i) => tarEntry(`lib/${i}`, Buffer.alloc(80_000)))
/** The header says a gibibyte; there is no need to write it out. */
const bomb = (): Buffer => Buffer.concat([tarHeader({ name: 'lib/x', size: 2 ** 30 }), Buffer.alloc(1024 * 1024)])

const hostileGzips = (): HostileArchive[] => {
  const good = tarWith()
  const changed = (at: number, ...bytes: number[]): Buffer => {
    const copy = Buffer.from(good)
    Buffer.from(bytes).copy(copy, at < 0 ? copy.length + at : at)
    return copy
  }
  const withHeader = (flags: number, ...fields: Buffer[]): Buffer => {
    const head = Buffer.from(good.subarray(0, 10))
    head[3] = flags
    return Buffer.concat([head, ...fields, good.subarray(10)])
  }
  const middle = Math.floor(good.length / 2)
  const one = (what: string, bytes: Buffer, code: string): HostileArchive => ({
    what: `gzip: ${what}`,
    name: 'x.gar',
    bytes,
    code: `DHN_ARCHIVE_${code}`,
  })
  return [
    one('wrong checksum', changed(-8, 1, 2, 3, 4), 'CHECKSUM'),
    one('wrong length', changed(-4, 1, 2, 3, 4), 'CHECKSUM'),
    one('trailing garbage', Buffer.concat([good, Buffer.from('garbage')]), 'TRAILING_DATA'),
    one('trailing zeros', Buffer.concat([good, Buffer.alloc(512)]), 'TRAILING_DATA'),
    one('a second member', Buffer.concat([good, good]), 'TRAILING_DATA'),
    one('an empty second member', Buffer.concat([good, gzipSync('')]), 'TRAILING_DATA'),
    one('a zip behind it', Buffer.concat([good, zipNamed('lib/x')]), 'TRAILING_DATA'),
    one('one byte missing', good.subarray(0, -1), 'TRUNCATED'),
    one('no trailer', good.subarray(0, -8), 'TRUNCATED'),
    one('half of it', good.subarray(0, middle), 'TRUNCATED'),
    one('header only', good.subarray(0, 10), 'TRUNCATED'),
    one('part of the header', good.subarray(0, 5), 'TRUNCATED'),
    one('another method', changed(2, 7), 'GZIP_HEADER'),
    one('reserved flags', changed(3, 0x20), 'GZIP_HEADER'),
    one('a name that does not end', withHeader(8, Buffer.alloc(70_000, 0x61)), 'GZIP_HEADER'),
    one('an extra field beyond the file', withHeader(4, Buffer.from([0xff, 0xff])), 'TRUNCATED'),
    one('wrong checksum of the header', withHeader(2, Buffer.from([1, 2])), 'CHECKSUM'),
    one('data that is damaged', changed(10, 0x07), 'CORRUPT'),
  ]
}

function inServiceArchives(): HostileArchive[] {
  const profile = profileText({ packages: [{ name: 'main', gar: 'echo.gar' }] })
  const holding = (gar: Buffer): Buffer => makeServiceArchive(profile, { main: { 'echo.gar': gar } })
  const one = (what: string, gar: Buffer, code: string, limits?: Partial<ArchiveLimits>): HostileArchive => ({
    what: `service archive: ${what}`,
    name: 'x.tar.gz',
    bytes: holding(gar),
    code: `DHN_ARCHIVE_${code}`,
    ...(limits === undefined ? {} : { limits }),
  })
  return [
    one('a GAR with ..', tarWith(tarEntry('../outside', 'x')), 'PARENT_PATH'),
    one('a zip GAR with ..', zipNamed('../outside'), 'PARENT_PATH'),
    one('a GAR with a link', tarWith(tarEntry({ name: 'x', type: '2', linkName: '/etc' })), 'LINK'),
    one('a GAR that is cut off', tarWith().subarray(0, 100), 'TRUNCATED'),
    one('a GAR that is a bomb', tarWith(tarEntry('lib/zeros', Buffer.alloc(4 * 1024 * 1024))), 'RATIO'),
    one('a GAR that is too much with the rest', tarWith(tarEntry('lib/x', 'x'.repeat(3000))), 'UNPACKED_TOO_LARGE', {
      unpackedSize: 4500,
    }),
    one('a GAR with too many entries with the rest', tarWith(...manyFiles()), 'TOO_MANY_ENTRIES', { entries: 108 }),
  ]
}
