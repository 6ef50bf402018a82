import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ServiceClassMissing, ServiceModuleMissing } from './start-errors.ts'

export type ServiceClass = new () => object

/**
 * The class that a className of the deployment descriptor stands for: `org.x.CounterService` is the export
 * `CounterService`, else the default export, of `lib/org/x/CounterService.js` or `.mjs`.
 *
 * @throws {ServiceModuleMissing}
 * @throws {ServiceClassMissing}
 * @throws whatever the module throws
 */
export async function loadClass(directory: string, service: string, className: string): Promise<ServiceClass> {
  const words = className.split('.')
  const path = join('lib', ...words)
  const files = [`${path}.js`, `${path}.mjs`]
  // A word with a slash in it would lead out of lib.
  const file = words.every((word) => /^[\p{L}\p{Nl}$_][\p{L}\p{Nl}\p{Nd}$_]*$/u.test(word))
    ? files.find((name) => existsSync(join(directory, name)))
    : undefined
  if (file === undefined) throw new ServiceModuleMissing(service, className, files)
  const module = (await import(pathToFileURL(join(directory, file)).href)) as Record<string, unknown>
  const exportName = words.at(-1) as string
  // The default of a CommonJS module is all it exports.
  const common = module.default as Record<string, unknown> | undefined
  const found = [module[exportName], common?.[exportName], common].find((value) => typeof value === 'function')
  if (found === undefined) throw new ServiceClassMissing(service, className, file, exportName)
  return found as ServiceClass
}
