/** Who may call: properties, `all`, `authenticated`, `group:…`, `vo:…`, as a list or a text with commas. */
export type Rule = string | readonly string[]

type Method = (...args: never[]) => unknown

/**
 * Says at a method who may call it, as a field `auth_<name>` does, which goes before it:
 *
 *     @authorization(['authenticated'])
 *     export_submit(job: string) { … }
 *
 * It works as a decorator of both kinds that TypeScript knows; `authorization(['all'])(method)` does without.
 */
export function authorization(rule: Rule) {
  return (method: unknown, _context?: unknown, property?: PropertyDescriptor): void => {
    // The older kind of decorators gives the prototype, the name and the property.
    const decorated = (property?.value ?? method) as Method & { authorization?: Rule }
    decorated.authorization = rule
  }
}
