import type { AuthzStep } from '../security/authorization/security-descriptor.ts'
import type { XmlElement } from '../xml/element.ts'
import { type DescriptorReader, wordsOf } from './descriptor-reader.ts'
import { readValue } from './security-value.ts'

const aliases: Readonly<Record<string, AuthzStep['kind']>> = {
  none: 'none',
  self: 'self',
  gridmap: 'gridmap',
  identity: 'identity',
  host: 'host',
}
const globusClass =
  /^org\.globus\.wsrf\.impl\.security\.authorization\.(NoAuthorization|SelfAuthorization|GridMapAuthorization|IdentityAuthorization|HostAuthorization)$/
const classes: Readonly<Record<string, AuthzStep['kind']>> = {
  NoAuthorization: 'none',
  SelfAuthorization: 'self',
  GridMapAuthorization: 'gridmap',
  IdentityAuthorization: 'identity',
  HostAuthorization: 'host',
}

/** Reads the chain of decision points of an `authz`; undefined, and reported, when it has none. */
export function readAuthz(reader: DescriptorReader, element: XmlElement): readonly AuthzStep[] | undefined {
  const value = readValue(reader, element)
  if (value === undefined) return undefined
  const steps = wordsOf(value).map(readStep)
  if (steps.length === 0) reader.report('error', 'authz-empty', 'an <authz> names no decision point', element)
  for (const { text } of steps.filter((step) => step.kind === 'unknown')) {
    const message = `the decision point ${text.slice(0, 200)} isn't known here: it lets nobody in`
    reader.report('warning', 'authz-unknown', message, element)
  }
  return steps.length === 0 ? undefined : steps
}

function readStep(text: string): AuthzStep {
  if (Object.hasOwn(aliases, text)) return { text, kind: aliases[text] as AuthzStep['kind'], prefix: text }
  const colon = text.indexOf(':')
  const prefix = colon === -1 ? text : text.slice(0, colon)
  const named = globusClass.exec(text.slice(colon + 1))?.[1]
  const known = colon > 0 && named !== undefined
  return { text, kind: known ? (classes[named] as AuthzStep['kind']) : 'unknown', prefix }
}
