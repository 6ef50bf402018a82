import { join, resolve } from 'node:path'
import { command } from '../command.ts'
import { problemLines } from '../problem-text.ts'
import { count, size } from '../text.ts'

export const pack = command({
  name: 'pack',
  summary: 'Make a GAR and a service archive from the folder of a TypeScript service.',
  details:
    'Each class that the descriptors in etc/ name is bundled into lib/; `dhn/service` and the packages that the profile names ' +
    'stay imports. Written are <GAR ID>.gar (a zip) and <GAR ID>.tar.gz (profile, GAR, stubs package): the same bytes on each ' +
    'run, on any machine. Both are read back as a node would read them, and what is odd is told.',
  arguments: { '<folder>': 'the folder of the service' },
  options: {
    '--out <folder>': 'where to write; else out/ in the folder',
    '--profile <file>': 'the service profile; else profile.xml in the folder',
  },
  examples: [
    { command: 'dhn pack greeter', does: 'into greeter/out/' },
    {
      command: 'dhn pack gar/counter --profile profiles/counter.xml --out archives',
      does: 'with a profile kept elsewhere',
    },
  ],
  async run({ folder }, { out, profile }, { output }) {
    const { readServiceSource } = await import('../pack/service-source.ts')
    const { packService } = await import('../pack/pack-service.ts')
    const source = readServiceSource(resolve(folder), profile === undefined ? undefined : resolve(profile))
    output.working(`bundling ${count(source.classNames.length, 'class', 'classes')}`)
    const packed = await packService(source, out === undefined ? join(source.folder, 'out') : resolve(out))
    if (packed.problems.length > 0) output.tell(problemLines(packed.problems))
    output.result(packed, ({ archives }) =>
      archives.map((each) => `${each.file}  ${size(each.size)}  ${each.digest.slice(0, 12)}`).join('\n'),
    )
    return 0
  },
})
