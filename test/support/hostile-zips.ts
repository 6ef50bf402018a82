import { crc32, deflateRawSync } from 'node:zlib'
import { echoFiles, type HostileArchive } from './archives.ts'
import { extraField, u16, u32, u64, type ZipPart, type ZipShape, zip, zip64End } from './zip-bytes.ts'

const echoParts = (): ZipPart[] => Object.entries(echoFiles).map(([name, content]) => ({ name, content }))

/** A GAR that is in order, with these parts at its end. */
export const zipWith = (parts: readonly ZipPart[], shape: ZipShape = {}): Buffer =>
  zip([...echoParts(), ...parts], shape)

const part: ZipPart = { name: 'lib/x', content: 'content of x' }
const saturated = 0xffffffff

/** Zip files that have to be refused. */
export function hostileZips(): HostileArchive[] {
  return [...kinds(), ...mismatches(), ...structures(), ...zip64s(), ...amounts()]
}

const refused = (what: string, code: string, bytes: Buffer, limits?: HostileArchive['limits']): HostileArchive => ({
  what: `zip: ${what}`,
  name: 'x.gar',
  bytes,
  code: `DHN_ARCHIVE_${code}`,
  ...(limits === undefined ? {} : { limits }),
})
const one = (what: string, code: string, fields: Partial<ZipPart>, shape?: ZipShape): HostileArchive =>
  refused(what, code, zipWith([{ ...part, ...fields }], shape))

const kinds = (): HostileArchive[] => [
  one('symbolic link', 'LINK', { mode: 0o120777, content: '/etc/passwd' }),
  one('link as a folder', 'LINK', { name: 'lib/d/', content: '', mode: 0o120777 }),
  one('character device', 'SPECIAL_FILE', { mode: 0o020644 }),
  one('block device', 'SPECIAL_FILE', { mode: 0o060644 }),
  one('named pipe', 'SPECIAL_FILE', { mode: 0o010644 }),
  one('socket', 'SPECIAL_FILE', { mode: 0o140644 }),
  one('file with the mode of a folder', 'ENTRY_TYPE', { mode: 0o040755 }),
  one('folder with the mode of a file', 'ENTRY_TYPE', { name: 'lib/d/', content: '', mode: 0o100644 }),
  one('folder with content', 'SIZE_MISMATCH', { name: 'lib/d/', content: 'x' }),
  one('encrypted', 'ENCRYPTED', { flags: 1 }),
  one('strongly encrypted', 'ENCRYPTED', { flags: 0x41 }),
  one('masked headers', 'ENCRYPTED', { flags: 0x2000 }),
  one('patched data', 'METHOD', { flags: 0x20 }),
  one('method 9 (deflate64)', 'METHOD', { method: 9 }),
  one('method 12 (bzip2)', 'METHOD', { method: 12 }),
  one('method 14 (lzma)', 'METHOD', { method: 14 }),
  one('method 99 (AES)', 'METHOD', { method: 99 }),
  one('no name', 'EMPTY_SEGMENT', { name: '' }),
  one('a name of a slash', 'ABSOLUTE_PATH', { name: '/', content: '' }),
  one('the root as a file', 'EMPTY_SEGMENT', { name: '.' }),
  one('NUL in the name', 'CONTROL_CHARACTER', { name: 'lib/a\0.js' }),
  one('path of 513 bytes', 'PATH_TOO_LONG', {
    name: 'a/'.repeat(10).concat('b'.repeat(200), '/', 'c'.repeat(200), '/', 'd'.repeat(91)),
  }),
  one('depth of 33', 'TOO_DEEP', { name: 'a/'.repeat(32).concat('x') }),
]

/** With a descriptor the local header has zeros; here it has the truth. */
const noLater = {
  local: { crc: crc32('content of x'), compressedSize: deflateRawSync('content of x').length, size: 12 },
}

const mismatches = (): HostileArchive[] => [
  one('another name in the local header', 'ZIP_MISMATCH', { local: { name: 'lib/y' } }),
  one('.. in the local header only', 'ZIP_MISMATCH', { local: { name: '../ou' } }),
  one('a longer name in the local header', 'ZIP_MISMATCH', { local: { name: 'lib/xyz' } }),
  one('other flags in the local header', 'ZIP_MISMATCH', { local: { flags: 2 } }),
  one('encryption in the local header only', 'ZIP_MISMATCH', { local: { flags: 1 } }),
  one('a data descriptor in the local header only', 'ZIP_MISMATCH', { local: { flags: 8 } }),
  one('another method in the local header', 'ZIP_MISMATCH', { local: { method: 0 } }),
  one('another checksum in the local header', 'ZIP_MISMATCH', { local: { crc: 1 } }),
  one('another size in the local header', 'ZIP_MISMATCH', { local: { size: 1 } }),
  one('another compressed size in the local header', 'ZIP_MISMATCH', { local: { compressedSize: 1 } }),
  one('size 0 in the local header', 'ZIP_MISMATCH', { local: { size: 0 } }),
  one('a second name (Unicode path)', 'ZIP_MISMATCH', {
    extra: extraField(0x7075, Buffer.concat([Buffer.from([1]), u32(0), Buffer.from('../outside')])),
  }),
  one('a second name in the local header only', 'ZIP_MISMATCH', {
    local: { extra: extraField(0x7075, Buffer.concat([Buffer.from([1]), u32(0), Buffer.from('../outside')])) },
  }),
  refused('no local header', 'ZIP_MISMATCH', withoutLocalHeader()),
  one('wrong checksum', 'CHECKSUM', { crc: 1 }),
  one('wrong checksum of stored data', 'CHECKSUM', { crc: 1, stored: true }),
  one('declares less than it holds', 'SIZE_MISMATCH', { size: 3 }),
  one('declares more than it holds', 'SIZE_MISMATCH', { size: 300 }),
  one('declares nothing', 'SIZE_MISMATCH', { size: 0 }),
  one('stored with two sizes', 'SIZE_MISMATCH', { stored: true, size: 3 }),
  one('deflated data that ends early', 'TRUNCATED', { data: deflateRawSync('content of x').subarray(0, -3) }),
  one('something behind the deflated data', 'SIZE_MISMATCH', {
    data: Buffer.concat([deflateRawSync('content of x'), Buffer.from('hidden')]),
  }),
  one('damaged data', 'CORRUPT', { data: Buffer.from([0xff, 0xff, 0xff, 0xff]) }),
  one('large: declares less than it holds', 'SIZE_MISMATCH', { content: large(), size: 5_000_000 }),
  one('large: declares more than it holds', 'SIZE_MISMATCH', { content: large(), size: 6_100_000 }),
  one('large: wrong checksum', 'CHECKSUM', { content: large(), crc: 1 }),
  one('large: something behind the deflated data', 'SIZE_MISMATCH', {
    content: large(),
    data: Buffer.concat([deflateRawSync(large()), Buffer.from('hidden')]),
  }),
  one('descriptor: wrong checksum', 'ZIP_MISMATCH', { descriptor: Buffer.concat([u32(1), u32(14), u32(12)]) }),
  one('descriptor: missing', 'ZIP_MISMATCH', { descriptor: Buffer.alloc(0) }),
  one('descriptor: without its flag', 'ZIP_STRUCTURE', { flags: 0, descriptor: 'signed', ...noLater }),
  one('descriptor: wrong signature', 'ZIP_MISMATCH', { descriptor: Buffer.alloc(16) }),
  one('descriptor: too long', 'ZIP_MISMATCH', { descriptor: 'signed', gap: Buffer.alloc(4) }),
]

const structures = (): HostileArchive[] => [
  refused('a gap between entries', 'ZIP_STRUCTURE', zip([{ ...part, gap: Buffer.from('hidden') }, ...echoParts()])),
  refused('a gap before the directory', 'ZIP_STRUCTURE', zipWith([{ ...part, gap: Buffer.from('hidden') }])),
  refused('an entry that the directory does not have', 'ZIP_STRUCTURE', hiddenEntry()),
  refused('two entries at one place', 'ZIP_OVERLAP', zip([part, { ...part, name: 'lib/y', central: { offset: 0 } }])),
  refused('an entry inside of another', 'ZIP_OVERLAP', nestedEntries()),
  refused(
    'data that reaches into the directory',
    'ZIP_OVERLAP',
    zip([{ ...part, stored: true, size: 60, compressedSize: 60 }]),
  ),
  refused('something before the first entry', 'ZIP_STRUCTURE', zipPrefixed()),
  refused('trailing garbage', 'TRAILING_DATA', zipWith([], { suffix: Buffer.from('garbage') })),
  refused('more behind it than a comment may hold', 'TRUNCATED', zipWith([], { suffix: Buffer.alloc(70_000) })),
  refused('a comment that is too long', 'TRUNCATED', zipWith([], { end: [{ at: 20, bytes: u16(99) }] })),
  refused('two end records', 'ZIP_STRUCTURE', zipWith([], { comment: endRecord() })),
  refused('more entries than it has', 'ZIP_STRUCTURE', zipWith([], { end: both(9) })),
  refused('fewer entries than it has', 'ZIP_STRUCTURE', zipWith([], { end: both(2) })),
  refused('no entries though it has some', 'ZIP_STRUCTURE', zipWith([], { end: both(0) })),
  refused('directory elsewhere', 'ZIP_STRUCTURE', zipWith([], { end: [{ at: 16, bytes: u32(0) }] })),
  refused('directory beyond the file', 'ZIP_STRUCTURE', zipWith([], { end: [{ at: 16, bytes: u32(0xffffff) }] })),
  refused('directory of another size', 'ZIP_STRUCTURE', zipWith([], { end: [{ at: 12, bytes: u32(3) }] })),
  refused(
    'something between directory and end',
    'ZIP_STRUCTURE',
    zipWith([], { beforeEnd: () => Buffer.from('hidden') }),
  ),
  refused('directory entry with an impossible name length', 'ZIP_STRUCTURE', badNameLength()),
  one('extra fields that do not fit', 'ZIP_STRUCTURE', { extra: Buffer.from([1, 0, 99, 0]) }),
  one('half an extra field', 'ZIP_STRUCTURE', { extra: Buffer.from([1, 0]) }),
  refused('several disks', 'MULTI_DISK', zipWith([], { end: [{ at: 4, bytes: u16(1) }] })),
  refused('directory on another disk', 'MULTI_DISK', zipWith([], { end: [{ at: 6, bytes: u16(1) }] })),
  refused('only a part of the entries here', 'MULTI_DISK', zipWith([], { end: [{ at: 8, bytes: u16(1) }] })),
  one('entry on another disk', 'MULTI_DISK', { central: { disk: 1 } }),
  refused('no end record', 'TRUNCATED', zipWith([]).subarray(0, -22)),
  refused('one byte missing', 'TRUNCATED', zipWith([]).subarray(0, -1)),
  refused('half of it', 'TRUNCATED', zipWith([]).subarray(0, 500)),
  refused('a local header only', 'TRUNCATED', Buffer.from('PK\x03\x04', 'latin1')),
]

const zip64s = (): HostileArchive[] => [
  one('zip64: no extra field', 'ZIP64', { central: { size: saturated } }),
  one('zip64: field too short', 'ZIP64', { central: { size: saturated, extra: extraField(1, Buffer.alloc(4)) } }),
  one('zip64: field too long', 'ZIP64', { central: { size: saturated, extra: extraField(1, Buffer.alloc(16)) } }),
  one('zip64: a field that nothing needs', 'ZIP64', { central: { extra: extraField(1, u64(12)) } }),
  one('zip64: two fields', 'ZIP64', {
    central: { size: saturated, extra: Buffer.concat([extraField(1, u64(12)), extraField(1, u64(99))]) },
  }),
  one('zip64: size beyond numbers', 'ZIP64', {
    central: { size: saturated, extra: extraField(1, u64(0xffff_ffff_ffff_ffffn)) },
  }),
  one('zip64: 1 TiB', 'FILE_TOO_LARGE', { central: { size: saturated, extra: extraField(1, u64(2 ** 40)) } }),
  one('zip64: another size than the local header', 'ZIP_MISMATCH', {
    central: { size: saturated, extra: extraField(1, u64(13)) },
  }),
  one('zip64: no field in the local header', 'ZIP64', { local: { size: saturated } }),
  one('zip64: other sizes in the local header', 'ZIP_MISMATCH', {
    local: { size: saturated, extra: extraField(1, Buffer.concat([u64(99), u64(14)])) },
  }),
  refused('zip64: no end record', 'ZIP_STRUCTURE', zipWith([], { end: [{ at: 16, bytes: u32(saturated) }] })),
  refused('zip64: other entries', 'ZIP64', zipWith([], { beforeEnd: zip64End({ entries: 9 }) })),
  refused('zip64: another directory', 'ZIP64', zipWith([], { beforeEnd: zip64End({ start: 1 }) })),
  refused('zip64: end record elsewhere', 'ZIP64', zipWith([], { beforeEnd: zip64End({ at: 0 }) })),
  refused('zip64: end record of another length', 'ZIP64', zipWith([], { beforeEnd: zip64End({ recordSize: 99 }) })),
  refused('zip64: several disks', 'MULTI_DISK', zipWith([], { beforeEnd: zip64End({ disks: 2 }) })),
  refused(
    'zip64: saturated end record and other entries',
    'ZIP_STRUCTURE',
    zipWith([], { beforeEnd: zip64End({ entries: 9 }), end: [...both(0xffff)] }),
  ),
]

const amounts = (): HostileArchive[] => [
  refused('a bomb', 'RATIO', zipWith([{ ...part, content: Buffer.alloc(8 * 1024 * 1024) }])),
  refused(
    'a bomb that declares little',
    'SIZE_MISMATCH',
    zipWith([{ ...part, content: Buffer.alloc(2 ** 23), size: 9 }]),
  ),
  refused('a bomb with shared data', 'ZIP_OVERLAP', sharedData()),
  refused('a declared size beyond the limit', 'FILE_TOO_LARGE', zipWith([{ ...part, size: 2 ** 28 + 1 }])),
  refused('more than may be unpacked', 'UNPACKED_TOO_LARGE', zipWith([{ ...part, content: 'x'.repeat(5000) }]), {
    unpackedSize: 5000,
  }),
  refused('more entries than may be', 'TOO_MANY_ENTRIES', zipWith(manyParts()), { entries: 50 }),
  refused('more implied folders than may be', 'TOO_MANY_ENTRIES', zipWith(manyParts(5)), { entries: 150 }),
  refused('65,535 entries declared', 'TOO_MANY_ENTRIES', zipWith([], { end: both(0xffff) })),
]

/** Larger than what is unpacked in one piece, and not a bomb. */
function large(): Buffer {
  const bytes = Buffer.alloc(6_000_000)
  for (let i = 0, state = 1; i < bytes.length; i += 1) {
    state = (state * 48_271) % 0x7fff_ffff
    bytes[i] = state & 0x0f
  }
  return bytes
}

const manyParts = (depth = 0): ZipPart[] =>
  Array.from({ length: 50 }, (_, i) => ({ name: `lib/${i}/${'a/'.repeat(depth)}x`, content: 'x' }))

const both = (entries: number): { at: number; bytes: Buffer }[] => [
  { at: 8, bytes: u16(entries) },
  { at: 10, bytes: u16(entries) },
]

const endRecord = (): Buffer => Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)])

/** Its local header and data are there, its directory entry isn't. */
function hiddenEntry(): Buffer {
  const hidden = zip([{ name: 'lib/hidden', content: 'x' }])
  const local = hidden.subarray(0, hidden.indexOf('PK\x01\x02', 0, 'latin1'))
  return zipWith([{ ...part, gap: local }])
}

/** The second entry's header lies in the stored data of the first one. */
function nestedEntries(): Buffer {
  const inner = zip([{ name: 'lib/y', content: 'inner', stored: true }])
  const local = inner.subarray(0, inner.indexOf('PK\x01\x02', 0, 'latin1'))
  const first: ZipPart = { name: 'lib/x', content: Buffer.concat([local, Buffer.alloc(9)]), stored: true }
  const second: ZipPart = { name: 'lib/y', content: 'inner', stored: true, central: { offset: 30 + 'lib/x'.length } }
  const whole = zip([first, second])
  const start = whole.indexOf('PK\x01\x02', 0, 'latin1')
  const secondLocal = local.length
  const directory = whole.subarray(start)
  const shifted = Buffer.concat([whole.subarray(0, start - secondLocal), directory])
  shifted.writeUInt32LE(start - secondLocal, shifted.length - 6)
  return shifted
}

/** Many entries that all name the data of one kernel: small file, endless content. */
const sharedData = (): Buffer =>
  zip([
    { name: 'lib/kernel', content: Buffer.alloc(100_000) },
    ...Array.from({ length: 5 }, (_, i) => ({
      name: `lib/${i}`,
      content: Buffer.alloc(100_000),
      central: { offset: 0 },
    })),
  ])

/** In order but for what stands before it, which the offsets take into account. */
const zipPrefixed = (): Buffer => zipWith([], { prefix: zip([{ name: 'lib/first', content: 'x' }]) })

function withoutLocalHeader(): Buffer {
  const bytes = zipWith([part])
  bytes.writeUInt32LE(0, bytes.lastIndexOf('PK\x03\x04', undefined, 'latin1'))
  return bytes
}

function badNameLength(): Buffer {
  const bytes = zipWith([])
  bytes.writeUInt16LE(0xffff, bytes.lastIndexOf('PK\x01\x02', undefined, 'latin1') + 28)
  return bytes
}
