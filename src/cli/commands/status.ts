import type { ExpiryView, NodeView } from '../../container/views.ts'
import { command } from '../command.ts'
import { placeText } from '../instance-text.ts'
import { age, facts } from '../text.ts'

export const status = command({
  name: 'status',
  summary: 'Say whether the node runs, since when, and how its instances are.',
  details: 'Exits with 1 when no node runs at this home.',
  examples: [
    { command: 'dhn status', does: 'the node of ~/.dhn' },
    { command: 'dhn status --json --home /srv/dhn', does: 'the same for a program to read' },
  ],
  async run(_, __, { node, output }) {
    output.result(await node.view(), statusText)
    return 0
  },
})

const statusText = (node: NodeView): string =>
  facts([
    ['state', `${node.state} for ${age(node.startedAt)}`],
    ...node.addresses.map((address) => ['address', address] as const),
    ['instances', instancesText(node.instances)],
    ...frontsOf(node),
    ...(node.expires === undefined ? [] : [['expires first', endText(node.expires)] as const]),
    ...(node.ending ?? []).map((one) => ['warning', warningText(one)] as const),
    ['home', node.home],
    ['process', node.pid],
    ['DHN id', node.id],
    ['version', `dhn ${node.version}, Node ${node.node.replace(/^v/, '')}`],
  ])

/** How many of several fronts serve, and each of them with how it is. */
function frontsOf({ fronts }: NodeView): (readonly [string, string])[] {
  if (fronts === undefined) return []
  const serving = fronts.filter(({ state }) => state === 'serving').length
  const each = fronts.map((front) => [`front ${front.name}`, placeText(front)] as const)
  return [['fronts', `${serving} of ${fronts.length} serve`], ...each]
}

const endText = ({ what, name, at }: ExpiryView): string => `${what} of ${name}, ${at}`

function warningText({ what, name, at }: ExpiryView): string {
  const ended = Date.parse(at) < Date.now()
  return `the ${what} of ${name} ${ended ? 'has expired' : `expires ${at}`}; dhn doctor says what to do`
}

function instancesText(instances: NodeView['instances']): string {
  const some = Object.entries(instances).filter(([, count]) => count > 0)
  return some.length === 0 ? 'none' : some.map(([state, count]) => `${count} ${state}`).join(', ')
}
