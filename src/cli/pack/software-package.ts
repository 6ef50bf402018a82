import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ProfilePackage } from '../../archive/service-profile.ts'
import { type BundleOptions, bundleStubs } from './bundle.ts'
import { PackageContentMissing } from './errors.ts'
import { filesBelow } from './read-files.ts'
import type { Files } from './tarball.ts'

/**
 * The files of a Software package. One that holds stubs is made from `stubs/`: the bundled `index.js`, the sources as its
 * types, and a `package.json`. Any other is the folder of its name as it is.
 *
 * @throws {PackageContentMissing} there is no such folder, or a file that the profile lists isn't in it
 */
export async function softwarePackage(declared: ProfilePackage, options: BundleOptions): Promise<Files> {
  const { name } = declared
  const source = join(options.folder, 'stubs', 'index.ts')
  const own = join(options.folder, name)
  const files =
    !existsSync(own) && declared.stubs && existsSync(source)
      ? await stubsPackage(declared, source, options)
      : filesBelow(own)
  if (files.size === 0) {
    const where = declared.stubs ? 'stubs/index.ts' : `${name}/`
    throw new PackageContentMissing(
      name,
      `there is no ${where}`,
      `put it into ${where}, or take the package out of the profile`,
    )
  }
  const missing = declared.files.find((file) => !files.has(file))
  if (missing !== undefined) {
    const made = [...files.keys()].sort().join(', ')
    throw new PackageContentMissing(name, `its file ${missing} isn't there`, `the package has: ${made}`)
  }
  return files
}

async function stubsPackage({ name, version }: ProfilePackage, source: string, options: BundleOptions): Promise<Files> {
  const manifest = {
    name,
    version,
    type: 'module',
    exports: { '.': { types: './index.ts', default: './index.js' } },
  }
  return new Map([
    ...(await bundleStubs(source, options)),
    ...filesBelow(join(options.folder, 'stubs'), (path) => path.endsWith('.ts')),
    ['package.json', Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`)],
  ])
}
