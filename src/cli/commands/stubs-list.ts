import type { StubsView } from '../../container/views.ts'
import { command } from '../command.ts'
import type { Output } from '../output.ts'
import { table } from '../table.ts'

export const stubsList = command({
  name: 'stubs list',
  summary: 'List the stubs packages on the node and how many use each.',
  examples: [{ command: 'dhn stubs list', does: 'every version there is' }],
  async run(_, __, { node, output }) {
    output.result(await node.stubs(), (stubs) => stubsText(stubs, output))
    return 0
  },
})

function stubsText(stubs: readonly StubsView[], output: Output): string {
  if (stubs.length === 0) {
    output.tell('no stubs packages: nothing deployed brought any')
    return ''
  }
  return table(
    stubs,
    [
      { title: 'package', value: (each) => each.package, cut: 24 },
      { title: 'version', value: (each) => each.version },
      { title: 'users', value: (each) => each.users.length, align: 'right' },
      { title: 'used by', value: (each) => each.users.map(({ garId }) => garId).join(', '), cut: 20, drop: 1 },
      { title: 'digest', value: (each) => each.digest.slice(0, 12), drop: 2 },
    ],
    output.width,
  )
}
