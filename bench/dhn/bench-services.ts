import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { garFile } from '../../src/cli/pack/gar-file.ts'

/** A GAR file of an open service `Bench/<name>` whose method `say` answers with its argument. Each `build` is another version. */
export function writeEchoGar(folder: string, name: string, build = 1): string {
  const file = join(folder, `bench_${name.toLowerCase()}.gar`)
  const text = new TextEncoder()
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, garFile(new Map(echoFiles(name, build).map(([path, content]) => [path, text.encode(content)]))))
  return file
}

/** The same of a service that keeps nothing from call to call and computes for `milliseconds` before it answers. */
export function writeWorkGar(folder: string, name: string, milliseconds: number): string {
  const work = `const end = performance.now() + ${milliseconds}
    while (performance.now() < end);
    `
  const global = '<globalConfiguration><parameter name="stateless" value="true"/></globalConfiguration>\n  '
  const files = echoFiles(name, 1).map(
    ([path, text]) => [path, text.replace('<service ', `${global}$&`).replace('return S_OK', `${work}$&`)] as const,
  )
  const file = join(folder, `bench_${name.toLowerCase()}.gar`)
  const text = new TextEncoder()
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, garFile(new Map(files.map(([path, content]) => [path, text.encode(content)]))))
  return file
}

/**
 * A GAR as gzipped tar: an echo service, and `files` more files of `size` bytes each, half of them text that packs well and
 * half of them noise, another for each `seed`. What it is made of stays in `folder`.
 */
export function writeLargeGar(folder: string, name: string, seed: number, files: number, size: number): string {
  const content = join(folder, `content-of-${name}`)
  for (const [path, text] of echoFiles(name, 1)) write(join(content, path), text)
  for (let index = 0; index < files; index += 1) {
    const half = Buffer.alloc(size / 2, `export const value${index} = 'a line of a module of a service'\n`)
    const noise = noiseOf(seed * files + index, size / 2)
    write(join(content, 'lib', 'data', `part${index % 40}`, `file${index}.mjs`), Buffer.concat([half, noise]))
  }
  const file = join(folder, `bench_${name.toLowerCase()}.gar`)
  execFileSync('tar', ['-czf', file, '-C', content, 'etc', 'lib'])
  return file
}

function echoFiles(name: string, build: number): [path: string, content: string][] {
  const className = `bench.${name}Service`
  return [
    [
      'etc/deploy-server.wsdd_NOSEC',
      `<?xml version="1.0" encoding="UTF-8"?>
<deployment xmlns="http://xml.apache.org/axis/wsdd/" xmlns:java="http://xml.apache.org/axis/wsdd/providers/java">
  <service name="Bench/${name}" provider="Handler" use="literal" style="document">
    <parameter name="className" value="${className}"/>
    <parameter name="handlerClass" value="org.globus.axis.providers.RPCProvider"/>
    <parameter name="allowedMethods" value="*"/>
    <parameter name="scope" value="Application"/>
  </service>
</deployment>
`,
    ],
    [
      `lib/bench/${name}Service.mjs`,
      `import { RequestHandler, S_OK } from 'dhn/service'

export const build = ${build}

export class ${name}Service extends RequestHandler {
  auth_say = ['all']
  export_say(text) {
    return S_OK(text)
  }
}
`,
    ],
  ]
}

function write(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

/** Bytes that don't pack, the same for the same seed. */
function noiseOf(seed: number, size: number): Uint8Array {
  let state = seed * 2_654_435_761 + 1
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return state >>> 24
  })
}
