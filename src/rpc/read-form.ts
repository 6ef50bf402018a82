import { cleaned } from './json-codec.ts'

/** What a call's body says. Without a `method` the call is answered with 400. */
export interface Form {
  readonly method?: string
  /** The text of the list of arguments as sent; it is parsed where the service runs. */
  readonly args: string
}

const nothing: Form = { args: '[]' }

/**
 * Reads the fields of a JSON RPC call from its body: `method` (or `procedure`, its older name) and `args`.
 *
 * Of a field that is repeated the last counts; unknown fields are passed over. A body of another content type than
 * `application/x-www-form-urlencoded` has no fields. Never throws.
 *
 * @see dirac-https.md 1
 */
export function readForm(body: Buffer, contentType: string | undefined): Form {
  if (contentType === undefined || !/^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType)) return nothing
  const text = body.toString('utf8')
  let method: string | undefined
  let procedure: string | undefined
  let args: string | undefined
  for (let start = 0; start <= text.length; ) {
    const and = text.indexOf('&', start)
    const end = and === -1 ? text.length : and
    const field = text.slice(start, end)
    const equals = field.indexOf('=')
    const name = unescaped(equals === -1 ? field : field.slice(0, equals))
    const value = equals === -1 ? '' : field.slice(equals + 1)
    if (name === 'args') args = value
    else if (name === 'method') method = value
    else if (name === 'procedure') procedure = value
    start = end + 1
  }
  const named = method ?? procedure
  const list = args === undefined ? '[]' : unescaped(args)
  return named === undefined ? { args: list } : { method: cleaned(unescaped(named)), args: list }
}

/** A `%` that begins no escape stands for itself; bytes that are no UTF-8 are replaced. */
function unescaped(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return new URLSearchParams(`v=${text}`).get('v') ?? ''
  }
}
