import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Sends a text as it comes, no faster than it is read. One who goes away is no failure. */
export async function sendText(
  text: AsyncIterable<Uint8Array>,
  response: ServerResponse,
  contentType = 'text/plain; charset=utf-8',
): Promise<void> {
  response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' })
  response.flushHeaders()
  try {
    await pipeline(Readable.from(text, { objectMode: false, highWaterMark: 1 }), response)
  } catch (error) {
    if (!response.destroyed) throw error
  }
}

/** Sends values as lines of JSON, in the same way. */
export const sendLines = (values: AsyncIterable<unknown>, response: ServerResponse): Promise<void> =>
  sendText(asLines(values), response, 'application/x-ndjson')

async function* asLines(values: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const value of values) yield Buffer.from(`${JSON.stringify(value)}\n`)
}
