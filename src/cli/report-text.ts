import type { DeploymentReport } from '../container/views.ts'
import { stepText } from './operation.ts'
import { problemLines } from './problem-text.ts'
import { table } from './table.ts'
import { duration, facts, indent, logLine } from './text.ts'

/** A deployment report for people: what became of it, each package, each step, the first cause. */
export function reportText(report: DeploymentReport): string {
  const { cause, lastLines, problems } = report
  return [
    facts([
      ['operation', report.id],
      ['what', `${report.type.toLowerCase()} ${report.garId}`],
      ['outcome', report.outcome ?? 'going on'],
      ['started', report.startedAt],
      ['took', report.endedAt && duration(Date.parse(report.endedAt) - Date.parse(report.startedAt))],
      ['cause', cause && `${cause.message} [${cause.code}]`],
      ['next', cause?.next],
    ]),
    section('packages', packagesText(report)),
    section('steps', report.steps.map(stepText).join('\n')),
    section('instances', instancesText(report)),
    section('problems', problemLines(problems)),
    section('the last lines it wrote', lastLines.map((line) => `| ${logLine(line)}`).join('\n')),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

const section = (title: string, body: string): string => (body === '' ? '' : `\n${title}\n${indent(body)}`)

const packagesText = ({ packages }: DeploymentReport): string =>
  packages.length === 0
    ? ''
    : table(
        packages,
        [
          { title: 'package', value: (each) => each.packageName },
          { title: 'version', value: (each) => each.packageVersion },
          { title: 'of', value: (each) => `${each.serviceClass}/${each.serviceName}` },
          { title: 'status', value: (each) => each.status },
          { title: 'message', value: (each) => each.message ?? '' },
        ],
        Number.POSITIVE_INFINITY,
      )

const instancesText = ({ newInstances }: DeploymentReport): string =>
  newInstances
    .map(({ serviceClass, serviceName, id, addresses }) =>
      [`${serviceClass}/${serviceName}`, id, ...addresses].join('  '),
    )
    .join('\n')
