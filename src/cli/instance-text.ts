import type { FrontView, InstanceView, PlaceView } from '../container/views.ts'
import type { Output } from './output.ts'
import { age, count, facts, indent, logLine, plain, size } from './text.ts'

/** What people call it: `Class/Name` once it has registered, before that its GAR ID. */
export const nameOf = ({ serviceClass, serviceName, garId }: InstanceView): string =>
  serviceClass === undefined || serviceName === undefined ? garId : `${serviceClass}/${serviceName}`

/** `1.2.0`, or `#3` when the profile gives no version. */
export const versionOf = ({ version, number }: { readonly version: string; readonly number: number }): string =>
  version === '' ? `#${number}` : version

/** Green serves, yellow doesn't on purpose, red should and doesn't. */
export function paintState({ colors }: Output, state: string, text = state): string {
  if (state === 'ready') return colors.green(text)
  if (state === 'failed') return colors.red(text)
  return state === 'disabled' || state === 'down' ? colors.yellow(text) : colors.cyan(text)
}

/** The state, why, and where: what `ri show` and `show` have in common. */
export function instanceFacts(instance: InstanceView, output: Output): string {
  const { state, since, desired, restarts, waitsFor, cause } = instance
  const lines = facts([
    ['state', `${paintable(state)} for ${age(since)}${desired === 'disabled' ? ', wanted disabled' : ''}`],
    ['why', instance.why ?? cause?.message],
    ['code', cause?.code],
    ['next', cause?.next],
    ['waits for', waitsFor.join(', ')],
    ['restarts', restartsText(restarts)],
    ...instance.addresses.map((address) => ['address', address] as const),
    [
      'version',
      instance.digest === ''
        ? versionOf(instance)
        : `${versionOf(instance)} (number ${instance.number}, ${instance.mode}, ${instance.digest.slice(0, 12)})`,
    ],
    ['GAR ID', instance.garId],
    ['RI id', instance.id],
    ...placesOf(instance),
    ['shared', sharedText(instance.shared)],
    ['log', instance.log],
  ])
  return lines.replace(paintable(state), paintState(output, state))
}

/** The process that it is, or each of several with how it is. */
function placesOf({ isolation, pid, places }: InstanceView): (readonly [string, string | number | undefined])[] {
  const label = isolation === 'thread' ? 'thread of' : 'process'
  if (places === undefined) return [[label, pid]]
  return places.map((place) => [label, placeText(place)] as const)
}

/** One of several processes; of a front with its connections. */
export function placeText({
  pid,
  state,
  connections,
  inside,
  rssBytes,
  restarts,
  cause,
}: PlaceView & Partial<FrontView>): string {
  const serves = state === 'serving'
  return [
    [pid, state].filter(Boolean).join(' '),
    serves && connections !== undefined ? count(connections, 'connection') : undefined,
    serves ? `${count(inside, 'call')} inside` : cause?.message,
    rssBytes === undefined ? undefined : size(rssBytes),
    restarts.count === 0 ? undefined : count(restarts.count, 'restart'),
    restarts.nextAt && `the next start at ${restarts.nextAt}`,
  ]
    .filter((word) => word !== undefined)
    .join(', ')
}

function sharedText(shared: InstanceView['shared']): string | undefined {
  if (shared === undefined) return undefined
  const { keys, bytes, leases } = shared
  return `${count(keys, 'key')} of ${size(bytes)}, ${count(leases, 'lease')}`
}

/** Found again once the line is laid out, so that colours don't count as width. */
const paintable = (state: string): string => plain(state)

function restartsText({ count, nextAt, gaveUp }: InstanceView['restarts']): string | undefined {
  if (gaveUp) return `gave up after ${count}; start it again: dhn ri restart`
  if (nextAt !== undefined) return `${count} so far, the next at ${nextAt}`
  return count === 0 ? undefined : String(count)
}

export const lastLinesText = (lines: readonly string[] | undefined): string =>
  lines === undefined || lines.length === 0 ? '' : `\n${indent(lines.map(logLine).join('\n'), '  | ')}`
