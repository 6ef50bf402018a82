import { command } from '../command.ts'
import { plain } from '../text.ts'

export const doctor = command({
  name: 'doctor',
  summary: 'Look a node and its home over: what is wrong, and what to do about it.',
  local: true,
  details:
    'It works with and without a running node and changes nothing. Exits with 1 when a check fails; a warning is no failure.',
  examples: [
    { command: 'dhn doctor', does: 'a line for each check' },
    { command: 'dhn doctor --json', does: 'the same for a monitor' },
  ],
  async run(_, __, { home, node, output, roof }) {
    const { examine } = await import('../doctor/examine.ts')
    output.working(`looking at ${home}`)
    const findings = await examine(home, node, roof)
    const { green, yellow, red } = output.colors
    const paint = { ok: green, warn: yellow, fail: red }
    output.result(findings, () =>
      findings
        .map(({ check, level, message, next }) => {
          const line = `${paint[level](level.padEnd(4))}  ${check.padEnd(13)}  ${plain(message)}`
          return next === undefined ? line : `${line}\n      next: ${plain(next)}`
        })
        .join('\n'),
    )
    return findings.some(({ level }) => level === 'fail') ? 1 : 0
  },
})
