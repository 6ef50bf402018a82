import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type ProfilePackage, parseServiceProfile, type ServiceProfile } from '../../archive/service-profile.ts'
import { parseWsdd } from '../../archive/wsdd.ts'
import { NotAService } from './errors.ts'
import { filesBelow } from './read-files.ts'
import type { Files } from './tarball.ts'

/** A folder with a service in it, read: what `pack` works from. */
export interface ServiceSource {
  /** Absolute. */
  readonly folder: string
  readonly garId: string
  readonly profile: ServiceProfile
  /** The profile as it is written. */
  readonly profileText: Uint8Array
  readonly main: ProfilePackage
  readonly software: readonly ProfilePackage[]
  /** The services that its descriptors name with their classes, each once. */
  readonly services: readonly { readonly name: string; readonly className: string }[]
  /** The classes that its descriptors name, each once. */
  readonly classNames: readonly string[]
  /** Descriptors and all else that goes into the GAR as it is. */
  readonly asIs: Files
}

/** Where a GAR has its descriptors. */
const descriptors = ['server-deploy.wsdd', 'etc/deploy-server.wsdd', 'etc/deploy-server.wsdd_NOSEC']
const goesIntoTheGar = /^(server-deploy\.wsdd|jndi-config-deploy\.xml|(etc|schema|share|docs|lib)\/.*)$/

/**
 * Reads the service in `folder`.
 *
 * @param profile its profile; else `profile.xml` in the folder
 * @throws {NotAService} something that makes it one is missing
 * @throws {XmlRefused} a descriptor is malformed
 */
export function readServiceSource(folder: string, profile = join(folder, 'profile.xml')): ServiceSource {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new NotAService(folder, 'it is no folder', 'name the folder of a service; `dhn new` makes one')
  }
  const profileText = textOf(folder, profile)
  const parsed = parseServiceProfile(profileText, { file: profile })
  const main = parsed.packages.find(({ kind }) => kind === 'main')
  if (main?.garArchive === undefined) {
    throw new NotAService(
      folder,
      'its profile has no Main package with a GARArchive',
      'name the GAR there: <GAR ID>.gar',
    )
  }
  const asIs = filesBelow(folder, (path) => goesIntoTheGar.test(path))
  const services = servicesIn(asIs)
  const classNames = [...new Set(services.map(({ className }) => className))].sort()
  if (classNames.length === 0) {
    throw new NotAService(folder, `none of ${descriptors.join(', ')} names a className`)
  }
  return {
    folder,
    garId: main.garArchive.replace(/\.gar$/, ''),
    profile: parsed,
    profileText,
    main,
    software: parsed.packages.filter(({ kind }) => kind === 'software'),
    services,
    classNames,
    asIs,
  }
}

function textOf(folder: string, profile: string): Uint8Array {
  try {
    return readFileSync(profile)
  } catch {
    throw new NotAService(folder, `there is no profile at ${profile}`, 'write one there, or name it with --profile')
  }
}

function servicesIn(files: Files): ServiceSource['services'] {
  const named = descriptors.flatMap((path) => {
    const text = files.get(path)
    return text === undefined ? [] : parseWsdd(text, { file: path }).services
  })
  const classes = named.flatMap(({ name, className }) => (className === undefined ? [] : [[name, className] as const]))
  return [...new Map(classes)].map(([name, className]) => ({ name, className }))
}

/** Packages that service code may import by name: what it depends on, and its own. */
export function importNames({ profile }: ServiceSource): readonly string[] {
  const names = profile.packages.flatMap(({ kind, name, dependencies }) => [
    ...(kind === 'software' ? [name] : []),
    ...dependencies.map(({ packageName }) => packageName),
  ])
  return [...new Set(names)].sort()
}
