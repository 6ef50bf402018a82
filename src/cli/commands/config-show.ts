import { resolve } from 'node:path'
import { cfgJson } from '../../cfg/cfg-json.ts'
import { serializeCfg } from '../../cfg/serialize-cfg.ts'
import { command } from '../command.ts'
import type { ShownOption } from '../roof.ts'
import { table } from '../table.ts'

export const configShow = command({
  name: 'config show',
  summary: 'Print the configuration of the node and where each option comes from.',
  details:
    'It is merged as the node that runs merges it, what it was started with included; when none runs, as one would be that is ' +
    'started now. With --cfg one file alone is printed as ' +
    'DIRAC would write it, and with --json as nested objects of texts.',
  arguments: { '[path]': 'only what stands below, such as /Systems' },
  options: {
    '--defaults': 'the options of /DHN that nobody has written too',
    '--cfg <file>': 'this file alone; a zip archive with one file in it will do',
  },
  examples: [
    { command: 'dhn config show', does: 'every option with its file and line' },
    { command: 'dhn config show /DHN --defaults', does: 'all that can be set of the node, as it is' },
    { command: 'dhn config show --cfg dirac.cfg --json', does: 'a file of DIRAC as JSON' },
  ],
  async run({ path = '' }, { defaults, cfg }, { home, output, roof, environment }) {
    if (cfg !== undefined) {
      const root = await roof.configuration.file(resolve(cfg))
      output.print(output.json ? cfgJson(root) : serializeCfg(root).trimEnd())
      return 0
    }
    const below = `/${path.replace(/^\/+|\/+$/g, '')}`
    const all = await roof.configuration.show(home, { environment }, defaults)
    const shown = all.filter((each) => below === '/' || each.path === below || each.path.startsWith(`${below}/`))
    output.result(shown, () => optionsText(shown, output.width))
    return 0
  },
})

const optionsText = (options: readonly ShownOption[], width: number): string =>
  options.length === 0
    ? ''
    : table(
        options,
        [
          { title: 'option', value: ({ path }) => path },
          { title: 'value', value: ({ value }) => value, cut: 20 },
          { title: 'from', value: ({ file, line }) => placeOf(file, line), cut: 20, drop: 1 },
        ],
        width,
      )

const placeOf = (file: string | undefined, line: number | undefined): string =>
  file === undefined ? 'default' : line === undefined || line === 0 ? file : `${file}:${line}`
