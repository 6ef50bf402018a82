import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/** From the ground up. A room sees itself and the floors below its own. */
const floors = [
  ['service'],
  ['xml', 'cfg', 'security', 'lifecycle', 'store', 'logs'],
  ['archive', 'audit', 'rpc'],
  ['client'],
  ['isolate'],
  ['container'],
  ['transport'],
  ['cli'],
]
const roof = [
  'front.ts',
  'compose.ts',
  'config-options.ts',
  'config-report.ts',
  'config.ts',
  'initialize-home.ts',
  'main.ts',
]

const src = fileURLToPath(new URL('../src', import.meta.url))
const gar = fileURLToPath(new URL('../gar', import.meta.url))

const typescriptFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))

const imports = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from\s+|import\s*\(?\s*)'([^']+)'/g)].map((found) => found[1] as string)

const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room))

/** `archive/up.ts imports container/deployer.ts` for each import that goes up or sideways. */
function violations(): string[] {
  return typescriptFiles(src).flatMap((file) => {
    const from = relative(src, file)
    const room = from.split(sep)[0] as string
    if (roof.includes(room)) return []
    if (floorOf(room) === -1) return [`${from} is in no room of a floor`]
    return imports(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => relative(src, normalize(join(dirname(file), specifier))))
      .filter((to) => {
        const target = to.split(sep)[0] as string
        return target !== room && !(floorOf(target) !== -1 && floorOf(target) < floorOf(room))
      })
      .map((to) => `${from} imports ${to}`)
  })
}

describe('the building', () => {
  it('has rooms that see only themselves and the floors below', () => {
    expect(violations()).toEqual([])
  })

  it('has no floor without rooms', () => {
    const rooms = new Set(readdirSync(src))
    expect(floors.flat().filter((room) => !rooms.has(room))).toEqual([])
  })

  it('has an instance side that loads a small runtime, not the node', () => {
    const seen = new Set<string>()
    const visit = (file: string): void => {
      if (seen.has(file)) return
      seen.add(file)
      for (const specifier of imports(file)) {
        if (specifier.startsWith('.')) visit(normalize(join(dirname(file), specifier)))
      }
    }
    visit(join(src, 'isolate', 'instance', 'main.ts'))
    const packages = [...seen].flatMap(imports).filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
    expect(packages).toEqual([])
    expect(seen.size).toBeLessThan(54)
  })

  it('shows services nothing but the SDK and the stubs they depend on', () => {
    const seen = typescriptFiles(gar).flatMap((file) =>
      imports(file)
        .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
        .map((specifier) => `${relative(gar, file)} imports ${specifier}`),
    )
    expect(seen.filter((line) => !/ imports (dhn\/(service|cfg|client)|[\w.]+[-_]stubs)$/.test(line))).toEqual([])
  })
})
