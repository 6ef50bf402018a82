import type { Request } from '../harness/server.ts'

/** A JSON document of exactly `size` bytes, the same for each server but those that call by a form. */
function jsonOf(size: number): { readonly body: string; readonly expected: string } {
  const [before, after] = ['{"id":1,"method":"echo","params":["', '"]}']
  const expected = 'x'.repeat(size - before.length - after.length)
  return { body: before + expected + after, expected }
}

export function jsonEcho(url: string, size: number): Request {
  return { url, contentType: 'application/json', ...jsonOf(size) }
}
