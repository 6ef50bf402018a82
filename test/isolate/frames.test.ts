import { PassThrough, Writable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameWriter } from '../../src/isolate/frame-writer.ts'
import {
  type AnswerHead,
  contentTypes,
  FrameInvalid,
  FrameParser,
  type PartState,
  partStates,
} from '../../src/isolate/frames.ts'

type Frame =
  | { kind: 'control'; message: unknown }
  | { kind: 'call'; id: number; endpoint: number; method: string; args: string; told?: string }
  | { kind: 'reply'; id: number; status: number; type: (typeof contentTypes)[number]; body: string | Uint8Array }
  | { kind: 'answer'; id: number; status: number; head: AnswerHead; body: string }
  | { kind: 'part'; id: number; state: PartState; body: string }

/** What a writer sends for these frames, all of one turn. */
function written(frames: readonly Frame[]): Buffer {
  const stream = new PassThrough({ highWaterMark: 1 << 28 })
  const writer = new FrameWriter(stream)
  for (const frame of frames) {
    if (frame.kind === 'control') writer.control({ message: frame.message })
    else if (frame.kind === 'call') writer.call(frame.id, frame.endpoint, frame.method, frame.args, frame.told)
    else if (frame.kind === 'answer') writer.answer(frame.id, frame.status, frame.head, frame.body)
    else if (frame.kind === 'part') writer.part(frame.id, frame.state, Buffer.from(frame.body))
    else writer.reply(frame.id, frame.status, frame.type, frame.body)
  }
  writer.flush()
  return (stream.read() as Buffer | null) ?? Buffer.alloc(0)
}

/** What a parser reads from these chunks. */
function parsed(chunks: Iterable<Buffer>, largest?: number): Frame[] {
  const frames: Frame[] = []
  const parser = new FrameParser(
    {
      control: (message) => frames.push({ kind: 'control', message: (message as { message: unknown }).message }),
      call: (id, endpoint, method, args, told) =>
        frames.push({ kind: 'call', id, endpoint, method, args, ...(told !== undefined && { told }) }),
      reply: (id, status, type, body) => frames.push({ kind: 'reply', id, status, type, body: body.toString('utf8') }),
      answer: (id, status, head, body) =>
        frames.push({ kind: 'answer', id, status, head: head as AnswerHead, body: body.toString('utf8') }),
      part: (id, state, bytes) => frames.push({ kind: 'part', id, state, body: bytes.toString('utf8') }),
    },
    largest,
  )
  for (const chunk of chunks) parser.push(chunk)
  return frames
}

function* cut(bytes: Buffer, sizes: readonly number[]): Iterable<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] as number
    yield bytes.subarray(at, at + size)
    at += size
  }
}

const text = fc.string({ unit: 'binary' }).filter((some) => Buffer.from(some).toString() === some)
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ kind: fc.constant('control' as const), message: fc.jsonValue({ maxDepth: 2 }) }),
  fc.record({
    kind: fc.constant('call' as const),
    id: fc.nat(0xffffffff),
    endpoint: fc.nat(0xffff),
    method: text,
    args: fc.oneof(
      text,
      fc.nat(150_000).map((size) => 'é'.repeat(size)),
    ),
  }),
  fc.record({
    kind: fc.constant('call' as const),
    id: fc.nat(0xffffffff),
    endpoint: fc.nat(0xffff),
    method: text,
    told: text,
    args: fc.oneof(
      text,
      fc.nat(150_000).map((size) => 'é'.repeat(size)),
    ),
  }),
  fc.record({
    kind: fc.constant('reply' as const),
    id: fc.nat(0xffffffff),
    status: fc.integer({ min: 200, max: 599 }),
    type: fc.constantFrom(...contentTypes),
    body: fc.oneof(
      text,
      fc.nat(150_000).map((size) => 'x'.repeat(size)),
    ),
  }),
  fc.record({
    kind: fc.constant('answer' as const),
    id: fc.nat(0xffffffff),
    status: fc.integer({ min: 200, max: 599 }),
    head: fc.record({ contentType: text, reason: text, headers: fc.array(fc.tuple(text, text)) }),
    body: text,
  }),
  fc.record({
    kind: fc.constant('part' as const),
    id: fc.nat(0xffffffff),
    state: fc.constantFrom(...partStates),
    body: text,
  }),
)

const plain = (frames: readonly Frame[]): unknown => JSON.parse(JSON.stringify(frames))

describe('frames', () => {
  it('are the same however their bytes are cut on the way', () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 100_000 })), {
      minLength: 1,
    })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), sizes, (frames, cuts) => {
        expect(plain(parsed(cut(written(frames), cuts)))).toEqual(plain(frames))
      }),
      { numRuns: 60 },
    )
  })

  it('are the same byte by byte', () => {
    const frames: Frame[] = [
      { kind: 'control', message: 'ä' },
      { kind: 'call', id: 1, endpoint: 2, method: 'añadir', args: '["€"]' },
      { kind: 'reply', id: 1, status: 200, type: 'application/json', body: '' },
    ]
    expect(parsed(cut(written(frames), [1]))).toEqual(frames)
  })

  it('carry bytes as they are, and not as they are later', () => {
    const body = Buffer.from('before')
    const stream = new PassThrough()
    const writer = new FrameWriter(stream)
    writer.reply(1, 200, 'application/octet-stream', body)
    body.fill('x')
    writer.flush()
    expect(parsed([stream.read()])).toMatchObject([{ body: 'before' }])
  })

  it('of one turn leave in one write', async () => {
    const stream = new PassThrough()
    const chunks: Buffer[] = []
    stream.on('data', (chunk) => chunks.push(chunk))
    const writer = new FrameWriter(stream)
    for (let id = 0; id < 100; id += 1) writer.call(id, 0, 'echo', '[]')
    await new Promise((resolve) => stream.once('data', resolve))
    expect(chunks).toHaveLength(1)
    expect(parsed(chunks)).toHaveLength(100)
  })

  it('are written into memory that is used again only after it was sent', () => {
    const sent: { bytes: Buffer; done: () => void }[] = []
    const stream = new Writable({ write: (bytes, _encoding, done) => void sent.push({ bytes, done }) })
    const writer = new FrameWriter(stream)
    const turn = (args: string): void => {
      writer.call(1, 0, 'echo', args)
      writer.flush()
    }
    turn('[1]')
    turn('[2]')
    const [first] = sent
    expect(parsed([first?.bytes as Buffer])).toMatchObject([{ args: '[1]' }])
    first?.done()
    sent[1]?.done()
    turn('[3]')
    expect(sent[2]?.bytes.buffer).toBe(sent[1]?.bytes.buffer)
  })

  it('that are too large are not sent', () => {
    const stream = new PassThrough()
    const writer = new FrameWriter(stream, 64)
    expect(writer.call(1, 0, 'echo', 'x'.repeat(60))).toBe(false)
    expect(writer.reply(1, 200, 'application/json', 'x'.repeat(60))).toBe(false)
    expect(writer.answer(1, 200, { contentType: 'text/plain' }, 'x'.repeat(60))).toBe(false)
    expect(writer.control({ message: 'x'.repeat(60) })).toBe(false)
    expect(writer.call(1, 0, 'x'.repeat(70_000), '')).toBe(false)
    writer.flush()
    expect(stream.read()).toBeNull()
  })

  it.each([
    ['a length of nothing', Buffer.from([0, 0, 0, 0])],
    ['a length beyond the limit', Buffer.from([255, 255, 255, 255, 1])],
    ['an unknown kind', Buffer.from([1, 0, 0, 0, 9])],
    ['a call that is too short', Buffer.from([2, 0, 0, 0, 1, 0])],
    ["a method's name beyond the frame", Buffer.from([9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 5, 0])],
    ['a reply that is too short', Buffer.from([2, 0, 0, 0, 2, 0])],
    ['an unknown content type', Buffer.from([8, 0, 0, 0, 2, 0, 0, 0, 0, 200, 0, 9])],
    ['an answer that is too short', Buffer.from([2, 0, 0, 0, 4, 0])],
    ["an answer's head beyond the frame", Buffer.from([11, 0, 0, 0, 4, 0, 0, 0, 0, 200, 0, 5, 0, 0, 0])],
    ["an answer's head that is not JSON", Buffer.from([12, 0, 0, 0, 4, 0, 0, 0, 0, 200, 0, 1, 0, 0, 0, 0x7b])],
    ['a part that is too short', Buffer.from([2, 0, 0, 0, 5, 0])],
    ['a part of an unknown state', Buffer.from([6, 0, 0, 0, 5, 0, 0, 0, 0, 9])],
    ['control that is not JSON', Buffer.from([2, 0, 0, 0, 0, 0x7b])],
  ])('with %s are refused', (_what, bytes) => {
    expect(() => parsed([bytes], 1 << 20)).toThrow(FrameInvalid)
  })
})
