const kind = Symbol.for('dhn.service.tornadoResponse')

/**
 * An answer with a status and headers of its own, returned by a method of a handler:
 *
 *     return new TornadoResponse(bytes).set_header('Content-Type', 'application/x-tar')
 *     return new TornadoResponse().redirect('https://elsewhere.example/file')
 *
 * A payload that is a text, bytes or a stream is sent as it is, an object as JSON. Its content type is `text/html`, or JSON,
 * unless one is set. Length, encoding and connection are the node's to say.
 */
export class TornadoResponse {
  readonly headers: [string, string][] = []
  reason: string | undefined

  constructor(
    readonly payload: unknown = undefined,
    public status_code = 200,
  ) {}

  get [kind](): true {
    return true
  }

  set_status(status: number, reason?: string): this {
    this.status_code = status
    this.reason = reason
    return this
  }

  /** In the place of any of that name. */
  set_header(name: string, value: unknown): this {
    return this.clear_header(name).add_header(name, value)
  }

  add_header(name: string, value: unknown): this {
    this.headers.push([name, value instanceof Date ? value.toUTCString() : String(value)])
    return this
  }

  clear_header(name: string): this {
    const others = this.headers.filter(([one]) => one.toLowerCase() !== name.toLowerCase())
    this.headers.splice(0, this.headers.length, ...others)
    return this
  }

  redirect(url: string, permanent = false, status = permanent ? 301 : 302): this {
    return this.set_status(status).set_header('Location', url)
  }
}

/** Also one of another copy of the SDK, which `instanceof` would not know. */
export function isTornadoResponse(value: unknown): value is TornadoResponse {
  return typeof value === 'object' && value !== null && (value as { [kind]?: unknown })[kind] === true
}
