import { addressOf } from '../call/address.ts'
import { argumentsText } from '../call/arguments.ts'
import { post } from '../call/post.ts'
import { trustedCertificates } from '../call/trusted.ts'
import { command } from '../command.ts'
import { CallFailed } from '../errors.ts'

/** Seconds for a call when `--timeout` doesn't say. */
const patience = 60

export const call = command({
  name: 'call',
  summary: 'Call a method of a service by JSON RPC, as any client does, and print its value.',
  details:
    "The call goes over the wire to the node's address; the CAs of --trust are trusted. " +
    'An argument is JSON; a word that is none is taken as text. Exits with 1 on an S_ERROR.',
  arguments: {
    '<service>': '`Class/Name`, `System/Service`, the RI id, the GAR ID, or a whole http(s) address',
    '<method>': 'the remote method, without `export_`',
    '[args...]': 'its arguments',
  },
  examples: [
    { command: 'dhn call Samples/Counter add 5', does: 'prints the value' },
    { command: `dhn call Samples/Echo echo '{"a":[1,2]}' --json`, does: 'prints what the service sent' },
    { command: 'dhn call https://node.example.org:8443/Samples/Echo ping', does: 'a service of another node' },
  ],
  async run({ service, method, args }, _, { node, output, timeout, trust }) {
    const text = argumentsText(args)
    const address = await addressOf(service, node)
    const { status, body } = await post(
      address,
      { method, args: text },
      { certificates: trustedCertificates(trust), seconds: timeout ?? patience },
    )
    const answer = returnStructureIn(body)
    if (answer === undefined) throw notAnAnswer(address, status, body)
    if (output.json) output.print(body)
    else if (answer.OK) output.print(valueText(answer.Value))
    else output.error(new CallFailed(answer.Message, address, status, nextAfter(status)))
    return answer.OK ? 0 : 1
  },
})

type Answer = { readonly OK: true; readonly Value?: unknown } | { readonly OK: false; readonly Message: string }

function returnStructureIn(body: string): Answer | undefined {
  try {
    const value = JSON.parse(body) as Answer | null
    return value !== null && typeof value.OK === 'boolean' ? value : undefined
  } catch {
    return undefined
  }
}

/** A text as it is, anything else as JSON. */
const valueText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null, undefined, 2)

const notAnAnswer = (address: string, status: number, body: string): CallFailed =>
  new CallFailed(`${address} answered ${status} and no S_OK or S_ERROR: ${body.slice(0, 200)}`, address, status)

/** What to do about the refusals that the node itself makes. */
function nextAfter(status: number): string | undefined {
  if (status === 401)
    return 'its secure descriptor is live: call it with a certificate (docs/secure.md), or deploy it with --nosec'
  if (status === 404) return 'see which services there are: dhn ri list'
  if (status === 501) return 'check the name of the method; `ping` and `echo` are always there'
  if (status === 503) return 'see why it is not ready: dhn ri show'
  return status >= 500 ? 'the reason is in its log: dhn ri show' : undefined
}
