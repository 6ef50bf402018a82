import { cleaned } from './decode-arguments.ts'
import { unescaped } from './unescaped.ts'

/** What a call's body says. Without a `method` the call is answered with 400. */
export interface Form {
  readonly method?: string
  /** The text of the list of arguments as sent; it is parsed where the service runs. */
  readonly args: string
  /** JSON text: the group a caller asks for, or for whom a trusted host speaks. */
  readonly extraCredentials?: string
}

const nothing: Form = { args: '[]' }
const AMPERSAND = 0x26
const EQUALS = 0x3d

/**
 * Reads the fields of a JSON RPC call from its body: `method` (or `procedure`, its older name), `args` and `extraCredentials`.
 *
 * Of a field that is repeated the last counts; unknown fields are passed over. A body of another content type than
 * `application/x-www-form-urlencoded` has no fields. Never throws.
 *
 * @see dirac-https.md 1
 */
export function readForm(body: Buffer, contentType: string | undefined): Form {
  if (contentType === undefined || !/^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType)) return nothing
  let method: string | undefined
  let procedure: string | undefined
  let args: string | undefined
  let extraCredentials: string | undefined
  for (let start = 0; start < body.length; ) {
    const and = body.indexOf(AMPERSAND, start)
    const end = and === -1 ? body.length : and
    let equals = start
    while (equals < end && body[equals] !== EQUALS) equals += 1
    const name = unescaped(body, start, equals)
    if (name === 'args') args = unescaped(body, equals + 1, end)
    else if (name === 'method') method = unescaped(body, equals + 1, end)
    else if (name === 'procedure') procedure = unescaped(body, equals + 1, end)
    else if (name === 'extraCredentials') extraCredentials = cleaned(unescaped(body, equals + 1, end))
    start = end + 1
  }
  const named = method ?? procedure
  const form = named === undefined ? { args: args ?? '[]' } : { method: cleaned(named), args: args ?? '[]' }
  return extraCredentials === undefined ? form : { ...form, extraCredentials }
}
