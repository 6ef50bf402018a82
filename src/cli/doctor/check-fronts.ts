import { type Finding, fail, ok, type Patient, warn } from './finding.ts'

/** Whether as many fronts take calls as there are to be. */
export function checkFronts({ node }: Patient): Finding[] {
  if (node?.fronts === undefined) return []
  const lost = node.fronts.filter(({ state }) => state !== 'serving')
  const serving = node.fronts.length - lost.length
  if (lost.length === 0) return [ok('fronts', `all ${serving} serve`)]
  const causes = new Set(lost.flatMap(({ cause }) => cause?.message ?? []))
  const why = causes.size === 0 ? '' : `: ${[...causes].join('; ')}`
  const message = `${serving} of ${node.fronts.length} serve${why}`
  return [
    (serving === 0 ? fail : warn)(
      'fronts',
      message,
      'it is started again by itself; if it ends again and again, see var/log/node.log',
    ),
  ]
}
