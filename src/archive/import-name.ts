import { isBuiltin } from 'node:module'
import type { Problem } from './problem.ts'

/**
 * What service code writes after `from` to get a package: the name in the package's own package.json, else the package's
 * name. It becomes a folder below `node_modules`, so anything else than a plain name is an error.
 */
export function importNameOf(
  packageName: string,
  packageJson: Buffer | undefined,
): { readonly importName: string; readonly problems: readonly Problem[] } {
  const file = `${packageName}/package.json`
  const declared = packageJson === undefined ? undefined : nameIn(packageJson)
  const importName = typeof declared === 'string' ? declared : packageName
  const problems: Problem[] = []
  if (packageJson !== undefined && typeof declared !== 'string') {
    const message = `has no name that can be read; the package is imported as ${packageName}`
    problems.push({ level: 'warning', code: 'package-json', message, file })
  }
  const plain = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~_-][a-z0-9._~-]*$/i
  const reserved = importName === 'dhn' || importName === 'node_modules' || isBuiltin(importName)
  if (reserved || importName.length > 214 || !plain.test(importName)) {
    const message = `"${importName}" can't be the name that service code imports package ${packageName} by`
    problems.push({ level: 'error', code: 'import-name', message, ...(packageJson === undefined ? {} : { file }) })
  }
  return { importName, problems }
}

function nameIn(packageJson: Buffer): unknown {
  try {
    return (JSON.parse(packageJson.toString('utf8')) as { name?: unknown } | null)?.name
  } catch {
    return undefined
  }
}
