import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { command } from '../command.ts'
import { FolderNotEmpty } from '../errors.ts'

export const newService = command({
  name: 'new',
  summary: 'Begin a service in TypeScript: source, descriptors, profile, stubs and a test.',
  details: 'The name, in lower case, becomes the GAR ID; the service is called <Class>/<Name>.',
  arguments: { '<name>': 'such as `greeter` or `weather-forecast`' },
  options: {
    '--dir <folder>': 'where to make it; else a folder of that name here',
    '--class <name>': 'the service class (Samples)',
    '--package <name>': 'the package of its class; else org.example.<name>',
  },
  examples: [
    { command: 'dhn new greeter', does: 'a service Samples/Greeter in greeter/' },
    { command: 'dhn new forecast --class Weather --package org.acme.weather', does: 'a service Weather/Forecast' },
  ],
  async run({ name }, chosen, { output, roof }) {
    const { serviceNames } = await import('../scaffold/service-names.ts')
    const { descriptors } = await import('../scaffold/descriptors.ts')
    const { project } = await import('../scaffold/project.ts')
    const { sources } = await import('../scaffold/sources.ts')
    const names = serviceNames(name, chosen.class, chosen.package)
    const folder = resolve(chosen.dir ?? names.id)
    const files = { ...project(names, roof.version), ...descriptors(names), ...sources(names) }
    writeAll(folder, files)
    output.tell(`pack it: dhn pack ${chosen.dir ?? names.id}`)
    const paths = Object.keys(files).sort()
    output.result({ folder, files: paths }, () => paths.map((path) => join(chosen.dir ?? names.id, path)).join('\n'))
    return 0
  },
})

function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true })
  if (readdirSync(folder).length > 0) throw new FolderNotEmpty(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text, { flag: 'wx' })
  }
}
