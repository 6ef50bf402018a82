import { existsSync } from 'node:fs'
import { createRequire, register } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PlaceService } from '../place.ts'
import { ServiceClassMissing, ServiceModuleMissing } from './start-errors.ts'

export type ServiceClass = new () => object

/**
 * The class that a className of the deployment descriptor stands for: `org.x.CounterService` is the export
 * `CounterService`, else the default export, of `lib/org/x/CounterService.js` or `.mjs`; of `module` where there is one.
 *
 * @throws {ServiceModuleMissing}
 * @throws {ServiceClassMissing}
 * @throws whatever the module throws
 */
export async function loadClass(
  directory: string,
  { name: service, className, module: given }: PlaceService,
): Promise<ServiceClass> {
  const words = className.split('.')
  if (given !== undefined) return classIn(given, given, service, className, className)
  const path = join('lib', ...words)
  const files = [`${path}.js`, `${path}.mjs`]
  // A word with a slash in it would lead out of lib.
  const file = words.every((word) => /^[\p{L}\p{Nl}$_][\p{L}\p{Nl}\p{Nd}$_]*$/u.test(word))
    ? files.find((name) => existsSync(join(directory, name)))
    : undefined
  if (file === undefined) throw new ServiceModuleMissing(service, className, files)
  return classIn(join(directory, file), file, service, className, words.at(-1) as string)
}

async function classIn(
  path: string,
  file: string,
  service: string,
  className: string,
  exportName: string,
): Promise<ServiceClass> {
  if (!existsSync(path)) throw new ServiceModuleMissing(service, className, [file])
  letFindDhn(path)
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>
  // The default of a CommonJS module is all it exports.
  const common = module.default as Record<string, unknown> | undefined
  const found = [module[exportName], common?.[exportName], common].find((value) => typeof value === 'function')
  if (found === undefined) throw new ServiceClassMissing(service, className, file, exportName)
  return found as ServiceClass
}

const hooks = `let dhn
export const initialize = (url) => { dhn = url }
export const resolve = (name, context, next) =>
  next(name, /^dhn(\\/|$)/.test(name) ? { ...context, parentURL: dhn } : context)`

/** A module outside of the home need not have dhn among its packages: it gets the one that runs. */
function letFindDhn(path: string): void {
  try {
    createRequire(path).resolve('dhn/package.json')
  } catch {
    register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: import.meta.url })
  }
}
