import { Float, PlainDate, RequestHandler, S_ERROR, S_OK } from 'dhn/service'

const everything = {
  text: 'Grüße, 世界 🚀',
  integer: 7,
  float: new Float(7),
  fraction: 0.5,
  big: 12345678901234567890n,
  nothing: null,
  truth: true,
  moment: new Date(Date.UTC(2026, 10, 22, 10, 30, 15)),
  day: new PlainDate(2026, 11, 22),
  bytes: Buffer.from([0, 1, 127, 128, 255]),
  list: [1, [2, [3]]],
  nan: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
}

/** What a DIRAC client may meet: every type, every kind of answer, every rule. */
export class TypesService extends RequestHandler {
  #calls = 0
  readonly #files = new Map<string, Buffer>()

  auth_everything = ['all']
  export_everything() {
    return S_OK(everything)
  }

  /** What arrived, as this side sees it. */
  auth_kindOf = ['all']
  export_kindOf(value: unknown) {
    return S_OK(
      value === null ? 'null' : typeof value === 'object' ? (value.constructor?.name ?? 'Object') : typeof value,
    )
  }

  auth_add = ['all']
  export_add(one: number, other: number) {
    return S_OK(one + other)
  }

  auth_count = ['all']
  export_count() {
    this.#calls += 1
    return S_OK(this.#calls)
  }

  auth_fail = ['all']
  export_fail(message: string) {
    return S_ERROR(message)
  }

  auth_failWithNumber = ['all']
  export_failWithNumber(errno: number, message: string) {
    return S_ERROR(errno, message)
  }

  auth_crash = ['all']
  export_crash() {
    throw new Error('a secret of the service')
  }

  auth_unsendable = ['all']
  export_unsendable() {
    return S_OK(new Set([1]))
  }

  auth_bare = ['all']
  export_bare() {
    return { neither: 'S_OK', nor: 'S_ERROR' }
  }

  auth_large = ['all']
  export_large(length: number) {
    return S_OK('x'.repeat(length))
  }

  auth_streamFromClient = ['all']
  export_streamFromClient(name: string, _token: string, size: number, content: Buffer) {
    if (content.length !== size) return S_ERROR(22, `${content.length} bytes instead of ${size}`)
    this.#files.set(name, content)
    return S_OK(size)
  }

  auth_streamToClient = ['all']
  export_streamToClient(name: string) {
    const content = this.#files.get(name)
    if (content === undefined) throw new Error(`no file ${name}`)
    return content
  }

  auth_registered = ['authenticated']
  export_registered() {
    return S_OK(this.getRemoteCredentials().username)
  }

  auth_normal = ['NormalUser']
  export_normal() {
    return S_OK(this.getRemoteCredentials().group)
  }

  auth_administer = ['ServiceAdministrator']
  export_administer() {
    return S_OK('administered')
  }

  auth_trusted = ['TrustedHost']
  export_trusted() {
    return S_OK(this.getRemoteCredentials().username)
  }

  auth_ofAdministrators = ['all', 'group:dirac_admin']
  export_ofAdministrators() {
    return S_OK('a group of its own')
  }

  auth_ofNobody = ['nobody']
  export_ofNobody() {
    return S_OK('never')
  }
}
