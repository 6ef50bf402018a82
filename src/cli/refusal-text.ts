import type { RefusalView } from '../container/refusal-book.ts'
import type { RefusedCredential } from '../container/refusals.ts'
import { whoText } from './audit-text.ts'
import { facts } from './text.ts'

type Row = readonly [label: string, value: string | undefined]

export const refusedWho = ({ who }: RefusalView): string => whoText(who)

/** All that is known of a refusal, for people. */
export function refusalText(view: RefusalView): string {
  const { id, at, code, told, what, from, credential, rule, next } = view
  const place = rule?.place
  const line = place?.line === undefined ? '' : `, line ${place.line}`
  return facts([
    ['request', id],
    ['at', at],
    ['asked', from === undefined ? what : `${what}, from ${from}`],
    ['was told', `${told} (${code})`],
    ['who', refusedWho(view)],
    ...(credential === undefined ? [] : credentialRows(credential)),
    ['rule', rule?.text],
    ['stands in', place && (place.file === undefined ? place.where : `${place.where}: ${place.file}${line}`)],
    ['failed at', rule && `${rule.step}: ${rule.reason}`],
    ['next', next],
  ])
}

function credentialRows({ certificates, accepted, failed }: RefusedCredential): Row[] {
  const chain = certificates.map((one, at): Row => {
    const name = one === null ? 'can not be read' : `${one.subject}, serial ${one.serial}, issued by ${one.issuer}`
    return [at === 0 ? 'certificates' : '', `${at + 1}  ${name}${at === failed?.index ? '  <- this one' : ''}`]
  })
  if (accepted !== undefined) {
    const kind = accepted.proxy ? 'a proxy' : 'no proxy'
    const group = accepted.group === undefined ? '' : `, group ${accepted.group}`
    const believed = `${kind}, rights ${accepted.rights}${group}, until ${accepted.notAfter}`
    return [...chain, ['believed', believed], ['of VOMS', accepted.fqans?.join(', ')]]
  }
  if (failed === undefined) return chain
  const { check, reason, message = reason } = failed
  return [...chain, ['refused by', `${check === undefined ? '' : `the check ${check}: `}${reason}: ${message}`]]
}
