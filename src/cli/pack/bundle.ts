import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type BuildFailure, type BuildOptions, build } from 'esbuild'
import { BundleFailed, ClassSourceMissing } from './errors.ts'
import type { Files } from './tarball.ts'

export interface BundleOptions {
  /** The folder of the service, absolute. */
  readonly folder: string
  /** Packages that stay imports, besides `dhn/…` and what Node has. */
  readonly imports: readonly string[]
}

/**
 * The modules of a GAR's `lib/` for the classes that its descriptors name: `org.x.CounterService` becomes
 * `org/x/CounterService.js` from `src/org/x/CounterService.ts`, with all that it needs in it. What several classes share
 * is one module beside them, so that it is there once when they run.
 *
 * @throws {ClassSourceMissing} there is no source for a class
 * @throws {BundleFailed} a source doesn't compile, or imports what can't be found
 */
export async function bundleClasses(classNames: readonly string[], options: BundleOptions): Promise<Files> {
  const entries = classNames.map((className) => ({
    out: className.replaceAll('.', '/'),
    in: classSource(className, options.folder),
  }))
  return entries.length === 0 ? new Map() : bundle({ entryPoints: entries }, options)
}

/** `index.js` of a stubs package from its `index.ts`. */
export const bundleStubs = (source: string, options: BundleOptions): Promise<Files> =>
  bundle({ entryPoints: [{ out: 'index', in: source }] }, options)

/** The same from the text of one that is in no file. */
export async function bundleStubsText(text: string, options: BundleOptions): Promise<Files> {
  const bundled = await bundle({ stdin: { contents: text, loader: 'ts', sourcefile: 'index.ts' } }, options)
  return new Map([...bundled].map(([path, content]) => [path === 'stdin.js' ? 'index.js' : path, content]))
}

/**
 * The file of a class, absolute.
 *
 * @throws {ClassSourceMissing}
 */
export const classSource = (className: string, folder: string): string =>
  sourceOf(className, join(folder, 'src', className.replaceAll('.', '/')))

const endings = ['.ts', '.mts', '.js', '.mjs']

function sourceOf(className: string, withoutEnding: string): string {
  const found = endings.map((ending) => withoutEnding + ending).find((file) => existsSync(file))
  if (found === undefined) throw new ClassSourceMissing(className, `${withoutEnding}.ts`)
  return found
}

async function bundle(
  input: Pick<BuildOptions, 'entryPoints' | 'stdin'>,
  { folder, imports }: BundleOptions,
): Promise<Files> {
  const out = join(folder, 'lib')
  try {
    const { outputFiles } = await build({
      absWorkingDir: folder,
      ...input,
      outdir: out,
      bundle: true,
      splitting: true,
      chunkNames: 'shared/[hash]',
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      external: ['dhn', 'dhn/*', ...imports.flatMap((name) => [name, `${name}/*`])],
      // Nothing of this machine or of the author's own set-up may show in the output.
      tsconfigRaw: { compilerOptions: { target: 'es2023', verbatimModuleSyntax: true, experimentalDecorators: true } },
      charset: 'utf8',
      legalComments: 'inline',
      sourcemap: false,
      treeShaking: true,
      write: false,
      logLevel: 'silent',
    })
    return new Map(
      outputFiles.map(({ path, contents }) => [path.slice(out.length + 1).replaceAll('\\', '/'), contents]),
    )
  } catch (error) {
    throw new BundleFailed((error as BuildFailure).errors ?? [], error)
  }
}
