import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ProfilePackage } from '../../archive/service-profile.ts'
import { type BundleOptions, bundleStubs, bundleStubsText, classSource } from './bundle.ts'
import { clientSource } from './client-source.ts'
import { PackageContentMissing } from './errors.ts'
import { handlerClasses } from './handler-classes.ts'
import { filesBelow } from './read-files.ts'
import type { ServiceSource } from './service-source.ts'
import type { Files } from './tarball.ts'

export interface SoftwareOptions extends BundleOptions {
  /** What the stubs of a service are made from that has written none. */
  readonly services: ServiceSource['services']
}

/**
 * The files of a Software package. One that holds stubs is made from `stubs/`, or else from the handlers of the services:
 * the bundled `index.js`, the sources as its types, and a `package.json`. Any other is the folder of its name as it is.
 *
 * @throws {PackageContentMissing} there is no such folder, or a file that the profile lists isn't in it
 */
export async function softwarePackage(declared: ProfilePackage, options: SoftwareOptions): Promise<Files> {
  const { name } = declared
  const own = join(options.folder, name)
  const files = !existsSync(own) && declared.stubs ? await stubsPackage(declared, options) : filesBelow(own)
  if (files.size === 0) {
    throw new PackageContentMissing(
      name,
      `there is no ${name}/`,
      `put it into ${name}/, or take the package out of the profile`,
    )
  }
  const missing = declared.files.find((file) => !files.has(file))
  if (missing !== undefined) {
    const made = [...files.keys()].sort().join(', ')
    throw new PackageContentMissing(name, `its file ${missing} isn't there`, `the package has: ${made}`)
  }
  return files
}

async function stubsPackage({ name, version }: ProfilePackage, options: SoftwareOptions): Promise<Files> {
  const manifest = {
    name,
    version,
    type: 'module',
    exports: { '.': { types: './index.ts', default: './index.js' } },
  }
  return new Map([
    ...(await stubsModule(options)),
    ['package.json', Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`)],
  ])
}

async function stubsModule(options: SoftwareOptions): Promise<Files> {
  const written = join(options.folder, 'stubs')
  if (existsSync(join(written, 'index.ts'))) {
    const sources = filesBelow(written, (path) => path.endsWith('.ts'))
    return new Map([...(await bundleStubs(join(written, 'index.ts'), options)), ...sources])
  }
  const handlers = options.services.map(({ name, className }) => {
    const word = className.slice(className.lastIndexOf('.') + 1)
    const source = handlerClasses(classSource(className, options.folder), word).join('\n')
    return { service: name, className: word, source }
  })
  const text = clientSource(handlers)
  return new Map([...(await bundleStubsText(text, options)), ['index.ts', Buffer.from(text)]])
}
