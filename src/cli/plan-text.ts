import type { Plan } from '../container/views.ts'
import type { Context, ExitCode } from './command.ts'
import { problemLines } from './problem-text.ts'
import { facts, indent, plain } from './text.ts'

/** 0 nothing would change, 1 something would, 255 it can't be done. */
const exitCodes = { unchanged: 0, changes: 1, impossible: 255 } as const satisfies Record<Plan['outcome'], ExitCode>

/** Prints a plan; its outcome is the exit code. */
export function outcomeOfPlan(plan: Plan, { output }: Context): ExitCode {
  output.result(plan, planText)
  return exitCodes[plan.outcome]
}

function planText(plan: Plan): string {
  return [
    `${verdict(plan)}: ${plan.type} ${plan.garId}`,
    indent(
      facts([
        ['live now', plan.from && `version ${plan.from.version || plan.from.number} ${plan.from.mode}`],
        [
          'live then',
          plan.to && `version ${plan.to.version || '(none given)'} ${plan.to.mode}, ${plan.to.digest.slice(0, 12)}`,
        ],
        ...plan.stubs.map(
          ({ package: name, version, action, users }) =>
            ['stubs', `${action} ${name} ${version}, then used by ${users}`] as const,
        ),
        ['restarts', plan.restarts.join(', then ')],
        ['waits for', plan.waitsFor.join(', ')],
        ...plan.requirements.map(
          ({ text, met, actual }) =>
            [
              'requires',
              `${text}: ${met ? 'met' : 'not met'}${actual === undefined ? '' : `, it is ${actual}`}`,
            ] as const,
        ),
        ['unprotected', plan.unprotected.join(', ')],
      ]),
    ),
    ...plan.errors.map(
      ({ message, next, code }) => `  error: ${plain(message)} [${code}]${next ? `\n    next: ${plain(next)}` : ''}`,
    ),
    indent(problemLines(plan.problems)),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

const verdict = ({ outcome }: Plan): string =>
  ({ unchanged: 'nothing would change', changes: 'would change', impossible: "can't be done" })[outcome]
