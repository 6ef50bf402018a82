const PREFIX = 'export_'

/**
 * The remote methods of a service's object: its functions named `export_<name>`, its own and those of its classes; never
 * what every object has, and nothing behind a getter. By remote name, with the name of the property.
 */
export function exportedMethods(object: object, allowed: '*' | readonly string[]): Map<string, string> {
  const methods = new Map<string, string>()
  for (let at: object | null = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const [property, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      const method = property.slice(PREFIX.length)
      if (!property.startsWith(PREFIX) || typeof value !== 'function' || !/^[A-Za-z_]\w*$/.test(method)) continue
      if (allowed === '*' || allowed.includes(method)) methods.set(method, property)
    }
  }
  return methods
}

/**
 * Who may call a method: its field `auth_<name>` of the object or its class, else what `@authorization` said, else its class'
 * `DEFAULT_AUTHORIZATION` or `auth_default`. A list, or a text with commas. Undefined when it has none of them.
 *
 * @throws {TypeError} there is one and it is neither
 */
export function ruleOf(object: object, method: string): readonly string[] | undefined {
  const decorated = (object as Record<string, { readonly authorization?: unknown } | undefined>)[`${PREFIX}${method}`]
  return (
    ownRuleOf(object, method) ??
    asRule(decorated?.authorization, `@authorization of ${method}`) ??
    asRule(memberOf(object, 'DEFAULT_AUTHORIZATION'), 'DEFAULT_AUTHORIZATION') ??
    ownRuleOf(object, 'default')
  )
}

/** The field `auth_<name>` alone: built-in methods are ruled by it too, and by nothing else of a class. */
export function ownRuleOf(object: object, method: string): readonly string[] | undefined {
  const name = `auth_${method}`
  return asRule(memberOf(object, name), name)
}

/** A field of the object, else a static one of its class. */
export function memberOf(object: object, name: string): unknown {
  return (object as Record<string, unknown>)[name] ?? (object.constructor as unknown as Record<string, unknown>)[name]
}

function asRule(rule: unknown, name: string): readonly string[] | undefined {
  if (rule === undefined || rule === null) return undefined
  if (typeof rule === 'string') return rule.split(',').flatMap((entry) => entry.trim() || [])
  if (Array.isArray(rule) && rule.every((entry) => typeof entry === 'string')) return rule
  throw new TypeError(`${name} must be a list of texts or a text with commas`)
}
