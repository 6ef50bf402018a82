import { StringDecoder } from 'node:string_decoder'

const longest = 64 * 1024

/** The lines of a text that comes in pieces, without their ends; one that is longer than 64 Ki is cut into several. */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + decoder.write(piece as Buffer)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
    if (rest.length > longest) {
      yield rest
      rest = ''
    }
  }
  rest += decoder.end()
  if (rest !== '') yield rest
}
