import { stripped } from '../cfg/cfg.ts'
import { DhnError } from '../service/errors.ts'
import { jdecode } from './jencode/decode.ts'

/**
 * The list of arguments in the text of `args`. It need not be a list: of an object the keys are passed, of a text its
 * characters, of bytes each one, as DIRAC does.
 *
 * @throws {ArgumentsUndecodable}
 */
export function decodeArguments(text: string): unknown[] {
  const value = parse(text)
  if (Array.isArray(value)) return value
  if (typeof value === 'string' || value instanceof Uint8Array) return [...value]
  if (isPlainObject(value)) return Object.keys(value)
  throw new ArgumentsUndecodable()
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function parse(text: string): unknown {
  try {
    return jdecode(text)
  } catch {
    // Looked for only now: text with control characters or odd blanks around it is no JSON, so good text is read once.
  }
  try {
    return jdecode(cleaned(text))
  } catch {
    throw new ArgumentsUndecodable()
  }
}

/** A form value as DIRAC's server reads it: control characters are blanks, blanks around it are cut off. */
export function cleaned(text: string): string {
  return stripped(text.replace(controls, ' '))
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\x00-\x08\x0e-\x1f]/g

/** The arguments of a call are not what can be read. */
export class ArgumentsUndecodable extends DhnError {
  readonly code = 'DHN_ARGUMENTS_UNDECODABLE'
  constructor() {
    super('the arguments of the call are no JSON list', { next: 'Send `args` as the JSON text of a list.' })
  }
}
