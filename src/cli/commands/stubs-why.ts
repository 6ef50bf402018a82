import type { StubsView } from '../../container/views.ts'
import { command } from '../command.ts'
import { StubsUnknown } from '../errors.ts'
import { plain } from '../text.ts'

export const stubsWhy = command({
  name: 'stubs why',
  summary: 'Say which deployments keep a stubs package on the node, and why each does.',
  arguments: { '<package>': 'its name, or `Class/Name/package`; `@version` for one of several' },
  examples: [
    { command: 'dhn stubs why counter-stubs', does: 'who uses it' },
    { command: 'dhn stubs why Samples/Counter/counter-stubs@1.0.0', does: 'who uses that version' },
  ],
  async run({ package: wanted }, _, { node, output }) {
    const found = (await node.stubs()).filter((stubs) => isNamed(stubs, wanted))
    if (found.length === 0) throw new StubsUnknown(wanted)
    output.result(found, (stubs) => stubs.map(whyText).join('\n'))
    return 0
  },
})

function isNamed({ package: key, version }: StubsView, wanted: string): boolean {
  const [name, wantedVersion] = wanted.split('@')
  return (key === name || key.endsWith(`/${name}`)) && (wantedVersion === undefined || wantedVersion === version)
}

const whyText = ({ package: key, version, users }: StubsView): string =>
  [
    plain(`${key} ${version}`),
    ...users.map(({ garId, because }) => `  ${plain(garId)}  ${because.map((word) => reasons[word]).join(' and ')}`),
  ].join('\n')

const reasons = { carries: 'its archive brought it', depends: 'its profile names it as a dependency' } as const
