import type { DeploymentRecord } from '../store/records.ts'
import type { Manifest } from './manifest.ts'

/** A GAR that is deployed: what an operator wants of it, and what it is. */
export interface LiveDeployment {
  readonly record: DeploymentRecord
  readonly manifest: Manifest
}

/** `Class/Name` of each service that this one waits for. */
export function dependenciesOf(manifest: Manifest): string[] {
  return [
    ...new Set(manifest.dependencies.map(({ serviceClass, serviceName }) => nameOf({ serviceClass, serviceName }))),
  ]
}

/**
 * `Class/Name` of the running instance that a deployment makes, as far as its papers tell; undefined when it makes none.
 *
 * Without a profile it is the first WSDD service named `System/Service`, as for a service that doesn't register itself.
 */
export function instanceNameOf(manifest: Manifest): string | undefined {
  const services = manifest.services.secure ?? manifest.services.open
  if (services === undefined) return undefined
  return manifest.service === undefined
    ? services.find(({ name }) => name.split('/').length === 2)?.name
    : nameOf(manifest.service)
}

/**
 * The deployments so that each comes after those it depends on; those that don't depend on each other by GAR ID.
 * What is in a cycle, which no deploy lets come about, comes last.
 */
export function dependencyOrder<Item extends Pick<LiveDeployment, 'manifest'>>(live: readonly Item[]): Item[] {
  const ordered: Item[] = []
  let left = live.toSorted((a, b) => (a.manifest.garId < b.manifest.garId ? -1 : 1))
  while (left.length > 0) {
    const waiting = new Set(left.map(({ manifest }) => instanceNameOf(manifest)))
    const free = left.filter(({ manifest }) => !dependenciesOf(manifest).some((name) => waiting.has(name)))
    if (free.length === 0) return [...ordered, ...left]
    ordered.push(...free)
    left = left.filter((item) => !free.includes(item))
  }
  return ordered
}

/** A circle of services that depend on each other and that `manifest` is part of: its names, the first one again last. */
export function findCycle(manifest: Manifest, live: readonly Pick<LiveDeployment, 'manifest'>[]): string[] | undefined {
  const start = instanceNameOf(manifest)
  if (start === undefined) return undefined
  const others = live.filter((other) => other.manifest.garId !== manifest.garId)
  const byName = new Map([...others, { manifest }].map((item) => [instanceNameOf(item.manifest), item.manifest]))
  const seen = new Set<string>()
  const search = (name: string, path: readonly string[]): string[] | undefined => {
    if (name === start && path.length > 0) return [...path, name]
    const here = byName.get(name)
    if (here === undefined || seen.has(name)) return undefined
    seen.add(name)
    for (const next of dependenciesOf(here)) {
      const found = search(next, [...path, name])
      if (found !== undefined) return found
    }
    return undefined
  }
  return search(start, [])
}

const nameOf = ({ serviceClass, serviceName }: { readonly serviceClass: string; readonly serviceName: string }) =>
  `${serviceClass}/${serviceName}`
