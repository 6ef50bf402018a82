import type { RefusalView } from '../../container/refusal-book.ts'
import { command } from '../command.ts'
import { refusalText, refusedWho } from '../refusal-text.ts'
import { table } from '../table.ts'
import { age } from '../text.ts'

/** Of the last refusals, how many are listed. */
const listed = 20

export const explain = command({
  name: 'explain',
  summary: 'Say why a caller was refused: his certificates, the rule, where it stands, and what to do.',
  details:
    'A refusal carries an id in its header X-Request-Id, and the audit log has it as well; a beginning of it will do. Without an id the last refusals are listed. ' +
    'The node remembers the last thousand of each kind since it began: about callers, about requests, about the state of services.',
  arguments: { '[request-id]': 'the X-Request-Id of the answer' },
  examples: [
    { command: 'dhn explain', does: 'who was refused what just now' },
    { command: 'dhn explain 7b38e91f', does: 'why' },
  ],
  async run({ requestId }, _, { node, output }) {
    if (requestId !== undefined) {
      output.result(await node.refusal(requestId), refusalText)
      return 0
    }
    output.result(await node.refusals(listed), (refusals) => {
      if (refusals.length === 0) output.tell('nobody was refused since the node began, or nobody lately')
      return refusals.length === 0 ? '' : table(refusals, columns, output.width)
    })
    return 0
  },
})

const columns = [
  { title: 'request', value: ({ id }: RefusalView) => id.slice(0, 8) },
  { title: 'ago', value: ({ at }: RefusalView) => age(at), drop: 3 },
  { title: 'code', value: ({ code }: RefusalView) => code },
  { title: 'asked', value: ({ what }: RefusalView) => what, cut: 20, drop: 1 },
  { title: 'who', value: refusedWho, cut: 20, drop: 2 },
]
