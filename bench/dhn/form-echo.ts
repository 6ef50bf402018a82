import type { Request } from '../harness/server.ts'

/** A call of the method `say` as a DIRAC client sends it, a form of exactly `size` bytes. */
export function formEcho(url: string, size: number): Request {
  const [before, after] = ['method=say&args=%5B%22', '%22%5D']
  const expected = 'x'.repeat(size - before.length - after.length)
  return { url, contentType: 'application/x-www-form-urlencoded', body: before + expected + after, expected }
}
