import { UsageError } from '../errors.ts'

/**
 * The JSON text of the list of arguments. Numbers stay as they were typed, however many digits they have.
 *
 * @throws {UsageError} an argument begins as JSON and isn't
 */
export const argumentsText = (args: readonly string[]): string => `[${args.map(argumentText).join(',')}]`

function argumentText(arg: string): string {
  try {
    JSON.parse(arg)
    return arg
  } catch (error) {
    if (/^\s*["{[]/.test(arg)) {
      throw new UsageError(
        `the argument ${arg} isn't JSON: ${(error as Error).message}`,
        'quote it for the shell: \'{"a":1}\'',
      )
    }
    return JSON.stringify(arg)
  }
}
