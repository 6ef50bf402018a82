import type { Certificate } from './certificate.ts'
import type { GeneralName, NameConstraints } from './extensions.ts'
import { Oid } from './oid.ts'

/** Above this many comparisons nobody means well. */
const MAX_COMPARISONS = 20_000

/**
 * Whether the names of a certificate keep to the constraints of a CA above it (RFC 5280 4.2.1.10): none excluded, and
 * each within some permitted subtree of its kind when there is one. Gives what is wrong, or undefined.
 *
 * A name of a kind that isn't compared here is refused as soon as a constraint of that kind is there.
 */
export function brokenConstraint(constraints: NameConstraints, certificate: Certificate): string | undefined {
  const names = namesOf(certificate)
  const { permitted, excluded } = constraints
  if (names.length * (permitted.length + excluded.length) > MAX_COMPARISONS) return 'too many names to compare'
  for (const name of names) {
    const out = excluded.filter((base) => sameKind(base, name)).find((base) => within(name, base, true))
    if (out !== undefined) return `${nameText(name)} is excluded`
    const allowed = permitted.filter((base) => sameKind(base, name))
    if (allowed.length > 0 && !allowed.some((base) => within(name, base, false))) {
      return `${nameText(name)} is outside what is permitted`
    }
  }
  return undefined
}

/** The subject, its alternatives, and, without an e-mail alternative, the e-mail addresses inside the subject. */
function namesOf({ subject, known }: Certificate): readonly GeneralName[] {
  const alternatives = known.subjectAltNames ?? []
  const directory: GeneralName[] = subject.empty ? [] : [{ kind: 'directory', name: subject }]
  const emails = alternatives.some(({ kind }) => kind === 'email')
    ? []
    : subject.rdns
        .flat()
        .filter(({ type }) => type === Oid.emailAddress)
        .map(({ value }): GeneralName => ({ kind: 'email', text: value }))
  return [...directory, ...alternatives, ...emails]
}

const sameKind = (a: GeneralName, b: GeneralName): boolean =>
  a.kind === b.kind && (a.kind !== 'other' || b.kind !== 'other' || a.number === b.number)

/** `unclear` is the answer when the name can't be read: excluded names are then hit, permitted ones are not. */
function within(name: GeneralName, base: GeneralName, unclear: boolean): boolean {
  if (name.kind === 'directory' && base.kind === 'directory') return name.name.isUnder(base.name)
  if (name.kind === 'dns' && base.kind === 'dns') return isSubdomain(name.text, base.text)
  if (name.kind === 'email' && base.kind === 'email') return emailWithin(name.text, base.text, unclear)
  if (name.kind === 'uri' && base.kind === 'uri') return uriWithin(name.text, base.text, unclear)
  if (name.kind === 'ip' && base.kind === 'ip') return ipWithin(name.bytes, base.bytes, unclear)
  return unclear
}

/** `a.example.org` and `example.org` are within `example.org`; only the first is within `.example.org`. */
function isSubdomain(host: string, base: string): boolean {
  const [name, parent] = [host.toLowerCase(), base.toLowerCase()]
  if (parent === '') return true
  if (parent.startsWith('.')) return name.endsWith(parent) && name.length > parent.length
  return name === parent || name.endsWith(`.${parent}`)
}

function emailWithin(address: string, base: string, unclear: boolean): boolean {
  const at = address.lastIndexOf('@')
  if (at <= 0 || at === address.length - 1) return unclear
  const host = address.slice(at + 1).toLowerCase()
  const baseAt = base.lastIndexOf('@')
  if (baseAt !== -1) {
    return address.slice(0, at) === base.slice(0, baseAt) && host === base.slice(baseAt + 1).toLowerCase()
  }
  return hostWithin(host, base)
}

function uriWithin(uri: string, base: string, unclear: boolean): boolean {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:[\]]+)(?::\d*)?(?:[/?#]|$)/i.exec(uri)?.[1]
  // RFC 5280: a URI without a host name, or with an address for one, meets no constraint.
  if (host === undefined || /^[\d.]+$/.test(host)) return unclear
  return hostWithin(host, base)
}

/** For e-mail and URI a base without a leading dot is one host, with it every host below. */
function hostWithin(host: string, base: string): boolean {
  if (base === '') return true
  const [name, parent] = [host.toLowerCase(), base.toLowerCase()]
  return parent.startsWith('.') ? name.endsWith(parent) && name.length > parent.length : name === parent
}

function ipWithin(address: Buffer, base: Buffer, unclear: boolean): boolean {
  if (address.length !== 4 && address.length !== 16) return unclear
  if (base.length !== 8 && base.length !== 32) return unclear
  if (base.length !== address.length * 2) return false
  return address.every((byte, at) => {
    const mask = base[address.length + at] as number
    return (byte & mask) === ((base[at] as number) & mask)
  })
}

function nameText(name: GeneralName): string {
  return name.kind === 'dns' || name.kind === 'email' || name.kind === 'uri' ? name.text : `its ${name.kind} name`
}
