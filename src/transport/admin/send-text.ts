import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Sends a text as it comes, no faster than it is read. One who goes away is no failure. */
export async function sendText(text: AsyncIterable<Uint8Array>, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
  response.flushHeaders()
  try {
    await pipeline(Readable.from(text, { objectMode: false, highWaterMark: 1 }), response)
  } catch (error) {
    if (!response.destroyed) throw error
  }
}
