import { resolve } from 'node:path'
import { command } from '../command.ts'
import type { Output } from '../output.ts'
import type { ConfigurationFinding } from '../roof.ts'
import { plain } from '../text.ts'

export const configCheck = command({
  name: 'config check',
  summary: 'Say what is wrong with the configuration of the node, with file and line.',
  details:
    'It finds what can not be read, entries that count nothing, values that an option may not have, options of /DHN that there are not, files that do not ' +
    'fit each other, and entries of the registry that mean nobody. Exits with 0 when nothing was found, with 1 when ' +
    'something was.',
  options: { '--cfg <file>': 'look at this file alone' },
  examples: [
    { command: 'dhn config check', does: 'before a restart' },
    { command: 'dhn config check --cfg new.cfg --json', does: 'a file that is to be put in place' },
  ],
  async run(_, { cfg }, { home, output, roof, environment }) {
    const alone = cfg === undefined ? undefined : resolve(cfg)
    const findings = await roof.configuration.check(home, { environment }, alone)
    output.result(findings, () => findings.map((each) => findingText(each, output)).join('\n'))
    if (findings.length === 0) output.tell('nothing is wrong with it')
    return findings.length === 0 ? 0 : 1
  },
})

function findingText({ level, message, file, line }: ConfigurationFinding, { colors }: Output): string {
  const paint = level === 'error' ? colors.red : colors.yellow
  const place = file === undefined ? '' : `${file}${line === undefined || line === 0 ? '' : `:${line}`}: `
  return `${place}${paint(level)}: ${plain(message)}`
}
