import type { CallAnswer, CallError } from '../../client/client.ts'
import { addressOf } from '../call/address.ts'
import { callArguments } from '../call/arguments.ts'
import { callingOptions, callOptions } from '../call/call-options.ts'
import { valueText } from '../call/value-text.ts'
import { command } from '../command.ts'
import { CallFailed } from '../errors.ts'

/** Seconds for a call when `--timeout` doesn't say. */
const patience = 60

export const call = command({
  name: 'call',
  summary: 'Call a method of a service of dhn or of DIRAC, as any client does, and print its value.',
  details:
    'The call goes over the wire; servers are believed by the CAs of --trust and by those of the web. The proxy of ' +
    'X509_USER_PROXY or the default one is shown where it is there, and what --cert names always. A service that the node ' +
    'does not have is looked up in the local DIRAC configuration (DIRACSYSCONFIG). An argument is JSON, with `1.0` for a ' +
    'float; a word that is none is taken as text. Exits with 1 on an S_ERROR.',
  arguments: {
    '<service>': '`Class/Name`, `System/Service`, the RI id, the GAR ID, or a whole http(s) address',
    '<method>': 'the remote method, without `export_`',
    '[args...]': 'its arguments',
  },
  options: callingOptions,
  examples: [
    { command: 'dhn call Samples/Counter add 5', does: 'prints the value' },
    { command: `dhn call Samples/Echo echo '{"a":[1,2]}' --json`, does: 'prints what the service sent' },
    {
      command: 'dhn call https://dirac.example.org:8443/Framework/Notification ping --cert x509up',
      does: 'a service of DIRAC, with a proxy',
    },
  ],
  async run({ service, method, args }, chosen, context) {
    const { node, output, timeout = patience } = context
    const { Client } = await import('../../client/client.ts')
    const words = await callArguments(args)
    const options = await callOptions(context, chosen)
    const client = new Client(await addressOf(service, node, options.surroundings), {
      ...options,
      timeout: timeout * 1000,
    })
    const answer = await client.call(method, words)
    if (!answer.OK && answer.Status === 0) {
      throw new CallFailed(answer.Message, client.service, undefined, 'check the address, and the node: dhn status')
    }
    if (output.json) output.print(await asSent(answer))
    else if (answer.OK) output.print(valueText(answer.Value))
    else output.error(failure(answer, client.service))
    return answer.OK ? 0 : 1
  },
})

/** What the service sent, or what its client made of another answer. */
async function asSent(answer: CallAnswer<unknown>): Promise<string> {
  const { jencode } = await import('../../rpc/jencode/encode.ts')
  return jencode({ ...answer, Status: undefined })
}

const failure = ({ Message, Status }: CallError, address: string): CallFailed =>
  new CallFailed(Message, address, Status, Status === undefined ? undefined : nextAfter(Status))

/** What to do about the refusals that the node itself makes. */
function nextAfter(status: number): string | undefined {
  if (status === 401)
    return 'its secure descriptor is live: call it with a certificate (docs/secure.md), or deploy it with --nosec'
  if (status === 404) return 'see which services there are: dhn ri list'
  if (status === 501) return 'check the name of the method; `ping` and `echo` are always there'
  if (status === 503) return 'see why it is not ready: dhn ri show'
  return status >= 500 ? 'the reason is in its log: dhn ri show' : undefined
}
