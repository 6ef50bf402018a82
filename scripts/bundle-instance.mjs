// The last step of the build: what the process of each service loads becomes three files. It is started once for each
// service, and finding and reading forty modules takes it a third of its start.
//
//   dist/service/all.js          the whole SDK
//   dist/service/<module>.js     what it was, taken from all.js: there is one copy of each class, whoever imports it
//   dist/isolate/instance/*.js   the entries of the instance side, with all they need but the SDK

import { readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const dist = fileURLToPath(new URL('../dist', import.meta.url))
const service = join(dist, 'service')
const instance = join(dist, 'isolate', 'instance')
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

const sdkOutside = {
  name: 'sdk-outside',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\./ }, ({ path, resolveDir }) =>
      dirname(join(resolveDir, path)) === service ? { path: '../../service/all.js', external: true } : undefined,
    ),
}
for (const entry of ['main.js', 'thread.js'].map((name) => join(instance, name))) {
  await build({ ...options, plugins: [sdkOutside], entryPoints: [entry], outfile: entry, allowOverwrite: true })
}
