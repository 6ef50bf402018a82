import { isUtf8 } from 'node:buffer'
import { cleaned } from './decode-arguments.ts'
import { multipartFields } from './multipart.ts'
import { isText, unescaped } from './unescaped.ts'

/** What a call's body says. Without a `method` the call is answered with 400. */
export interface Form {
  readonly method: string | undefined
  /** The text of the list of arguments as sent; it is parsed where the service runs. */
  readonly args: string
  /** JSON text: the group a caller asks for, or for whom a trusted host speaks. Empty says nothing. */
  readonly extraCredentials: string | undefined
  /** Any text but an empty one asks for the answer as it is, without JSON around it. */
  readonly rawContent: string | undefined
  /** A field whose bytes are no UTF-8: such a call is answered with 400. */
  readonly unreadable: string | undefined
}

const nothing: Form = {
  method: undefined,
  args: '[]',
  extraCredentials: undefined,
  rawContent: undefined,
  unreadable: undefined,
}
const AMPERSAND = 0x26
const EQUALS = 0x3d
const PERCENT = 0x25
const urlEncoded = 'application/x-www-form-urlencoded'
const isUrlEncoded = /^application\/x-www-form-urlencoded\s*(;|$)/i
const isMultipart = /^multipart\/form-data\s*;/i

/**
 * Reads the fields of a JSON RPC call from its body: `method` (or `procedure`, its older name), `args`, `extraCredentials`
 * and `rawContent`.
 *
 * Of a field that is repeated the last counts; unknown fields are passed over. A body of another content type than
 * `application/x-www-form-urlencoded` or `multipart/form-data` has no fields. Never throws.
 *
 * @see dirac-https.md 1
 */
export function readForm(body: Buffer, contentType: string | undefined): Form {
  if (contentType === urlEncoded) return urlEncodedForm(body)
  if (contentType === undefined) return nothing
  if (isUrlEncoded.test(contentType)) return urlEncodedForm(body)
  return isMultipart.test(contentType) ? multipartForm(body, contentType) : nothing
}

/** The form with what the query of the address says of fields that the body doesn't have; `args` aren't read from there. */
export function withQuery(form: Form, query: string): Form {
  const asked = urlEncodedForm(Buffer.from(query, 'latin1'))
  return {
    method: form.method ?? asked.method,
    args: form.args,
    extraCredentials: form.extraCredentials ?? asked.extraCredentials,
    rawContent: form.rawContent ?? asked.rawContent,
    unreadable: form.unreadable ?? asked.unreadable,
  }
}

/** Whether the body is from DIRAC's client of 9.1, which has no setups any more and says so; earlier ones name theirs. */
export const isWithoutSetups = (body: Buffer): boolean => body.includes('clientSetup=None')

function urlEncodedForm(body: Buffer): Form {
  const sent = new Sent()
  for (let start = 0; start < body.length; ) {
    const and = body.indexOf(AMPERSAND, start)
    const end = and === -1 ? body.length : and
    let equals = start
    while (equals < end && body[equals] !== EQUALS) equals += 1
    const field = fieldNamed(body, start, equals)
    if (field !== undefined) {
      const value = unescaped(body, equals + 1, end)
      if (value.includes(replacement) && !isText(body, equals + 1, end)) sent.unreadable ??= field
      sent[field] = value
    }
    start = end + 1
  }
  return sent.form()
}

/** Stands for bytes that are no UTF-8. Looking for it in a text of one byte a character costs nothing. */
const replacement = '\ufffd'

function multipartForm(body: Buffer, contentType: string): Form {
  const sent = new Sent()
  for (const [name, bytes] of multipartFields(body, contentType)) {
    const field = fields.find((one) => one === name)
    if (field === undefined) continue
    if (!isUtf8(bytes)) sent.unreadable ??= field
    sent[field] = bytes.toString('utf8')
  }
  return sent.form()
}

const fields = ['method', 'args', 'extraCredentials', 'rawContent', 'procedure'] as const
type Field = (typeof fields)[number]
const spelled = fields.map((name) => [name, Buffer.from(name)] as const)
const longestEscaped = 3 * Math.max(...fields.map((name) => name.length))

/** Names are compared where they lie: most are known or unknown at their first byte. */
function fieldNamed(body: Buffer, start: number, end: number): Field | undefined {
  for (const [name, bytes] of spelled) {
    if (bytes.length !== end - start) continue
    let at = 0
    while (at < bytes.length && body[start + at] === bytes[at]) at += 1
    if (at === bytes.length) return name
  }
  if (end - start > longestEscaped || !isEscaped(body, start, end)) return undefined
  const name = unescaped(body, start, end)
  return fields.find((field) => field === name)
}

function isEscaped(body: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (body[at] === PERCENT) return true
  return false
}

/** What was sent of each field, as it was sent. */
class Sent {
  method: string | undefined = undefined
  procedure: string | undefined = undefined
  args: string | undefined = undefined
  extraCredentials: string | undefined = undefined
  rawContent: string | undefined = undefined
  unreadable: Field | undefined = undefined

  form(): Form {
    const { method = this.procedure, args = '[]', extraCredentials, rawContent, unreadable } = this
    return {
      method: method === undefined || isWord.test(method) ? method : cleaned(method),
      args,
      extraCredentials: extraCredentials && cleaned(extraCredentials),
      rawContent: rawContent && cleaned(rawContent),
      unreadable,
    }
  }
}

const isWord = /^\w*$/
