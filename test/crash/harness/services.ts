import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { archiveOf, type TestService } from '../../support/test-service.ts'

/** One archive that may be deployed. */
export interface Version {
  readonly garId: string
  /** What its `version` answers. */
  readonly label: string
  readonly file: string
  readonly name: string
  readonly digest: string
  /** What the shared package that it brings says. */
  readonly stubs?: string
  /** It never comes up: its ready() throws. */
  readonly bad: boolean
}

/** A GAR ID of a home under test. */
export interface Gar {
  readonly garId: string
  readonly path: string
  /** Runs in a thread of the node, in place of a process of its own. */
  readonly thread: boolean
  readonly usesStubs: boolean
  /** It brings the shared package. */
  readonly bringsStubs: boolean
  /** Those made so far. */
  readonly versions: readonly Version[]
  /** One more, whose content is like no other's. */
  another(bad?: boolean): Version
}

const stubsPackage = 'crash-stubs'
const asksStubs = {
  imports: `import { says } from '${stubsPackage}'`,
  body: 'export_stubs() { return S_OK(says) }',
}

/**
 * The services of a home under test: one that brings a shared package, which its versions replace; one that uses it; and
 * two that stand alone. Two of them run in processes, two in threads.
 *
 * @param replacing which of the upgrades replace the package: every one, or every second
 */
export function makeServices(folder: string, replacing: 'all' | 'half'): readonly Gar[] {
  mkdirSync(folder, { recursive: true })
  const stubs = { package: `Crash/Stubs/${stubsPackage}`, version: '1.0.0' }
  const saysOf = (number: number): string => `stubs ${replacing === 'all' ? number : Math.ceil(number / 2)}`
  return [
    makeGar(folder, 'Crash/Stubs', { thread: false, usesStubs: true, saysOf }, (number) => ({
      ...asksStubs,
      stubs: [{ name: stubsPackage, version: '1.0.0', text: `export const says = '${saysOf(number)}'\n` }],
    })),
    makeGar(folder, 'Crash/User', { thread: true, usesStubs: true }, () => ({ ...asksStubs, needs: [stubs] })),
    makeGar(folder, 'Crash/Process', { thread: false, usesStubs: false }, () => ({})),
    makeGar(folder, 'Crash/Thread', { thread: true, usesStubs: false }, () => ({})),
  ]
}

/** Services that stand alone and run in processes, each in one version: what a node has besides. */
export function makeNeighbours(folder: string, count: number): readonly Gar[] {
  mkdirSync(folder, { recursive: true })
  const plain = { thread: false, usesStubs: false }
  return Array.from({ length: count }, (_, index) => makeGar(folder, `Crash/Neighbour${index + 1}`, plain, () => ({})))
}

interface Kind extends Pick<Gar, 'thread' | 'usesStubs'> {
  /** What the shared package says that the version of this number brings. */
  readonly saysOf?: (number: number) => string
}

function makeGar(
  folder: string,
  service: string,
  { saysOf, ...kind }: Kind,
  more: (number: number) => Partial<TestService>,
): Gar {
  const garId = service.replace('/', '_').toLowerCase()
  const versions: Version[] = []
  const another = (bad = false): Version => {
    const number = versions.length + 1
    const label = `${garId} ${number}`
    const fails = bad ? { on: { ready: `throw new Error('it is a bad one')` } } : {}
    const { name, bytes } = archiveOf({ service, version: label, modes: ['open'], ...more(number), ...fails })
    const file = join(folder, `${label.replace(' ', '-')}-${name}`)
    writeFileSync(file, bytes)
    const brings = saysOf === undefined ? {} : { stubs: saysOf(number) }
    const digest = createHash('sha256').update(bytes).digest('hex')
    const version = { garId, label, file, name, digest, bad, ...brings }
    versions.push(version)
    return version
  }
  return { garId, path: `/${service}`, ...kind, bringsStubs: saysOf !== undefined, versions, another }
}
