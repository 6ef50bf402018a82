import { UsageError } from '../errors.ts'

/**
 * The arguments of a call as they were typed: JSON, and what JEncode adds to it, so that numbers keep all their digits and
 * `1.0` is a float; a word that is none is a text.
 *
 * @throws {UsageError} an argument begins as JSON and isn't
 */
export async function callArguments(words: readonly string[]): Promise<readonly unknown[]> {
  const { jdecode } = await import('../../rpc/jencode/decode.ts')
  return words.map((word) => {
    try {
      return jdecode(word)
    } catch (error) {
      if (/^\s*["{[]/.test(word)) {
        throw new UsageError(
          `the argument ${word} isn't JSON: ${(error as Error).message}`,
          'quote it for the shell: \'{"a":1}\'',
        )
      }
      return word
    }
  })
}
