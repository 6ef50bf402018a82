// The last step of the build: what is started again and again is bundled, as finding and reading forty modules takes a
// process or thread a third of its start. The process of a service loads three files then.
//
//   dist/service/all.js         the whole SDK
//   dist/service/<module>.js    what it was, taken from all.js: there is one copy of each class, whoever imports it
//   the entries below           with all they need but the SDK

import { readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const dist = fileURLToPath(new URL('dist', import.meta.url))
const service = join(dist, 'service')
const entries = ['isolate/instance/main.js', 'isolate/instance/thread.js', 'archive/read-archive-thread.js']
const options = { bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' }

const modules = readdirSync(service).filter((name) => name.endsWith('.js') && name !== 'all.js')
const namesIn = async (module) => Object.keys(await import(pathToFileURL(join(service, module)).href))
const names = new Map(await Promise.all(modules.map(async (module) => [module, await namesIn(module)])))
const twice = [...names]
  .filter(([module]) => module !== 'index.js')
  .flatMap(([, exported]) => exported)
  .find((name, index, all) => all.indexOf(name) !== index)
if (twice !== undefined) throw new Error(`two modules of src/service export ${twice}`)

await build({
  ...options,
  stdin: { contents: modules.map((module) => `export * from './${module}'`).join('\n'), resolveDir: service },
  outfile: join(service, 'all.js'),
})
for (const [module, exported] of names) {
  writeFileSync(join(service, module), `export { ${exported.join(', ')} } from './all.js'\n`)
}

const sdkOutside = (outfile) => ({
  name: 'sdk-outside',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\./ }, ({ path, resolveDir }) =>
      dirname(join(resolveDir, path)) === service
        ? { path: relative(dirname(outfile), join(service, 'all.js')), external: true }
        : undefined,
    ),
})
for (const entry of entries.map((name) => join(dist, name))) {
  await build({ ...options, plugins: [sdkOutside(entry)], entryPoints: [entry], outfile: entry, allowOverwrite: true })
}
