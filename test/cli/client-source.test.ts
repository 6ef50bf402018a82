import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { clientSource } from '../../src/cli/pack/client-source.ts'
import { handlerClasses } from '../../src/cli/pack/handler-classes.ts'
import { handlerMethods } from '../../src/cli/pack/handler-methods.ts'
import { root } from '../support/dhn.ts'
import { temporaryFolder } from '../support/temporary.ts'

const handler = `
import { Foreign } from './foreign.ts'
import { Float, RequestHandler, type ReturnStructure, S_OK } from 'dhn/service'

export class JobsService extends RequestHandler {
  /** Not this: export_comment(a: number) {} */
  private text = "export_text(b: string) {" + \`export_template() {\` + String(/['"]export_regexp\\(/)
  readonly half = 1 / 2 / this.text.length

  /** Adds two numbers. */
  auth_add = ['all', "it's"]
  export_add(one: number, other = 1): ReturnStructure<number> { return S_OK(one + other) }

  async export_find(jobs: readonly number[], { deep = true }: { deep?: boolean }, _by?: 'name' | "date"): Promise<ReturnStructure<{ id: number; tags: string[] }[]>> {
    return S_OK(this.export_inner(1, 2) ?? [])
  }
  export_when(first: Date | undefined, last: Float): { [key: string]: unknown } { return {} }
  export_foreign(what: Foreign, options: Map<string, Array<number>> = new Map([[',', [1]]]), ...more: string[]): Promise<ReturnStructure<Foreign>> { return S_OK(what) }
  export_arrow = async (value: (n: number) => string, flag = false) => S_OK(value)
  export_generic<T extends object>(value: T) { return S_OK(value) }
  /** Not exported as it is. */
  export_call(method: string) { return S_OK(method) }
  export_streamToClient(id: string) { return id }
}
`

describe('the methods of a handler', () => {
  it('are read with names, comments and those types that mean the same elsewhere', () => {
    const read = handlerMethods(handler).map(({ name, comment, parameters, value }) => [
      name,
      comment,
      parameters.map(({ name, type, optional, rest }) => `${rest ? '...' : ''}${name}${optional ? '?' : ''}: ${type}`),
      value,
    ])
    expect(read).toEqual([
      ['add', '/** Adds two numbers. */', ['one: number', 'other?: number'], 'number'],
      [
        'find',
        '',
        ['jobs: readonly number[]', 'argument2: { deep?: boolean }', `by?: 'name' | "date"`],
        '{ id: number; tags: string[] }[]',
      ],
      ['when', '', ['first: Date | undefined', 'last: Float'], 'unknown'],
      ['foreign', '', ['what: unknown', 'options?: Map<string, Array<number>>', '...more: string[]'], 'unknown'],
      ['arrow', '', ['value: (n: number) => string', 'flag?: boolean'], 'unknown'],
      ['generic', '', ['value: unknown'], 'unknown'],
      ['call', '/** Not exported as it is. */', ['method: string'], 'unknown'],
      ['streamToClient', '', ['id: string'], 'unknown'],
    ])
  })

  it('of the samples are all found', () => {
    const sample = (path: string): string[] =>
      handlerMethods(readFileSync(join(root, 'gar', path), 'utf8')).map(({ name }) => name)
    const folder = 'src/org/diligentproject/samples'
    expect(sample(`counter/${folder}/counter/CounterService.ts`)).toEqual(['value', 'add', 'reset', 'close'])
    expect(sample(`locker/${folder}/locker/LockerHandler.ts`)).toContain('listFiles')
  })
})

describe('the classes of a handler', () => {
  /** The methods of `Handler` in `handler.ts` of a folder with these modules. */
  function methodsIn(modules: Readonly<Record<string, string>>): readonly string[] {
    const folder = temporaryFolder()
    for (const [path, text] of Object.entries(modules)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const source = handlerClasses(join(folder, 'handler.ts'), 'Handler').join('\n')
    return handlerMethods(source).map(
      ({ name, parameters }) => `${name}(${parameters.map(({ name: word, type }) => `${word}: ${type}`).join(', ')})`,
    )
  }

  it.each<[string, Record<string, string>, readonly string[]]>([
    [
      'inherit in one module, whose other classes are none of theirs',
      {
        'handler.ts': `class Other { export_other() {} }
abstract class Base<T extends { a: string } = { a: string }> extends RequestHandler { export_base(t: number) {} export_own(t: number) {} }
export class Handler extends Base<{ a: string }> implements Ready { export_own(text: string) {} }
class Last extends Handler { export_last() {} }`,
      },
      ['own(text: string)', 'base(t: number)'],
    ],
    [
      'inherit over modules, by other names and from a default export',
      {
        'handler.ts': `import { Base as Common, type Facts } from './common/index.js'
export class Handler extends Common { export_own() {} }`,
        'common/index.ts': `export * from './nothing.ts'\nexport { Inner as Base } from '../inner'`,
        'common/nothing.ts': 'export const nothing = 1',
        'inner.ts': `import Root, { other } from './root.ts'\nclass Inner extends Root { export_inner(a = 1) {} }\nexport { Inner }`,
        'root.ts': `export const other = 1\nexport default abstract class extends RequestHandler { export_root() {} }`,
      },
      ['own()', 'inner(a: number)', 'root()'],
    ],
    [
      'inherit from members of a module and from mixins',
      {
        'handler.ts': `import * as parts from './parts.ts'
import { RequestHandler } from 'dhn/service'
const Counted = <T extends Constructor>(Base: T) =>
  class extends Base {
    export_count() {}
  }
const unrelated = 1
class Unrelated { export_unrelated() {} }
class Handler extends Counted(parts.named(parts.Base)) { export_own() {} }
export default Handler`,
        'parts.ts': `export class Base extends RequestHandler { export_base() {} }
export function named<T>(Base: T) {
  return class Named extends Base { export_named() {} }
}`,
      },
      ['own()', 'count()', 'named()', 'base()'],
    ],
    [
      'may run in a circle, and end at what is in no source of theirs',
      {
        'handler.ts': `import { B } from './b.ts'\nimport { Far } from 'far'\nexport class Handler extends mix(B, Far, Gone) { export_own() {} }`,
        'b.ts': `export { B } from './c.ts'`,
        'c.ts': `import { B } from './b.ts'\nexport { B }`,
      },
      ['own()'],
    ],
    ['are the whole module where there is no such class', { 'handler.ts': 'exports.x = { export_x() {} }' }, ['x()']],
  ])('%s', (_, modules, methods) => {
    expect(methodsIn(modules)).toEqual(methods)
  })
})

describe('a client class', () => {
  it('made of a handler compiles, and is typed as the handler is', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules', 'dhn'))
    const text = clientSource([{ service: 'Test/Jobs', className: 'JobsService', source: handler }])
    expect(text).toContain(
      "call_(method: string): Promise<CallAnswer<unknown>> {\n    return this.call('call', [method])",
    )
    expect(text).not.toContain('streamToClient')
    writeFileSync(join(folder, 'jobs.ts'), text)
    writeFileSync(
      join(folder, 'use.ts'),
      `import { JobsClient } from './jobs.ts'
const jobs = new JobsClient('https://localhost/Test/Jobs', { timeout: 1000 })
const added = await jobs.add(1)
export const sum: number = added.OK ? added.Value : 0
const found = await jobs.find([1], {})
export const tags: string[] = found.OK ? (found.Value[0]?.tags ?? []) : []
// @ts-expect-error: not a number
await jobs.add('1')
`,
    )
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node']
    const types = ['--typeRoots', join(root, 'node_modules/@types'), '--allowImportingTsExtensions', '--skipLibCheck']
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    execFileSync(join(root, 'node_modules/.bin/tsc'), [...options, ...types, 'use.ts'], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  })
})
