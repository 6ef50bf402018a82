/**
 * Where the module of a WSDD `className` may lie inside a GAR, in the order in which it is looked for; undefined when the
 * text is no name of a class, and so must not become a path.
 *
 * `org.x.CounterService` is `lib/org/x/CounterService.js`, or `.mjs`.
 */
export function modulePaths(className: string): readonly [string, string] | undefined {
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*(\.[\p{L}_$][\p{L}\p{N}_$]*)*$/u.test(className)) return undefined
  const path = `lib/${className.replaceAll('.', '/')}`
  return [`${path}.js`, `${path}.mjs`]
}

/** The path of the class's module, when the GAR has it. */
export function moduleOf(className: string, modules: ReadonlySet<string>): string | undefined {
  return modulePaths(className)?.find((path) => modules.has(path))
}
