import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import type { DeployRequest, Operation } from '../../container/hosting-node.ts'
import { lifecycleChart } from '../../lifecycle/chart.ts'
import { OperationUnknown, RequestInvalid } from '../errors.ts'
import { auditRoutes } from './audit-routes.ts'
import { type AdminContext, type Answer, type Route, route } from './route.ts'
import { count, flag, nothing, value } from './route-parts.ts'

const garId = z.strictObject({ garId: z.string().min(1).describe('GAR ID') })
const instanceName = z.strictObject({
  name: z.string().min(1).describe('`Class/Name` (its `/` as `%2F`), UUID or a unique beginning of it, or GAR ID'),
})
const dryRun = z.strictObject({ dryRun: flag('Answer with what would change, and change nothing') })

/** Whoever is told an operation's number can ask for it, also when the node ends the moment after. */
const begun = async ({ id, begun }: Operation): Promise<Answer> => {
  await begun
  return value(202, { operation: id })
}

const planned = { 200: { description: 'With `dryRun`: what would change', schema: 'Plan' } } as const
const begins = { 202: { description: 'The operation has begun', schema: 'Begun' } } as const

/** Everything that can be asked of a node, in the order of docs/admin-api.md. */
export const routes: readonly Route[] = [
  route({
    verb: 'get',
    path: '/node',
    summary: 'The node: its state, addresses and how many instances are in each state.',
    params: nothing,
    query: nothing,
    answers: { 200: { description: 'The node', schema: 'NodeView' } },
    run: ({ node }) => value(200, node.view()),
  }),
  route({
    verb: 'post',
    path: '/node/stop',
    action: 'stop',
    summary: 'Stop the node: calls in flight end first, then the instances, then the process.',
    params: nothing,
    query: nothing,
    answers: { 202: { description: 'The node as it was; it stops now', schema: 'NodeView' } },
    run({ node, stop }) {
      const view = node.view()
      stop()
      return value(202, view)
    },
  }),
  route({
    verb: 'get',
    path: '/deployments',
    summary: 'Every deployed GAR with its running instance.',
    params: nothing,
    query: nothing,
    answers: { 200: { description: 'Sorted by GAR ID', schema: ['DeploymentView'] } },
    run: ({ node }) => value(200, node.list()),
  }),
  route({
    verb: 'post',
    path: '/deployments',
    action: 'deploy',
    summary:
      'Deploy an archive: a GAR or a service archive, as the body of the request, from where it lies, or fetched from a URL.',
    params: nothing,
    query: z.strictObject({
      name: z
        .string()
        .regex(/^[^/\\\0]{1,255}$/, 'must be a file name without folders')
        .optional()
        .describe('The file name of the archive in the body; the GAR ID of a bare GAR comes from it'),
      at: z
        .string()
        .startsWith('/')
        .optional()
        .describe(
          "Where the archive lies on the node's machine instead, for its owner over the socket; with `identity`",
        ),
      identity: z
        .string()
        .regex(/^\d+(-\d+){3}$/, 'must be device-inode-size-mtime')
        .optional()
        .describe('Device, inode, bytes and time of change (ns) of that file, so that no other is taken for it'),
      url: z.string().optional().describe('Where to fetch the archive instead, if the configuration allows it'),
      mode: z.enum(['secure', 'open']).default('secure').describe('Which of its two descriptors becomes live'),
      dryRun: flag('Answer with what would change, and change nothing'),
      lenient: flag('Accept a comment before the XML declaration'),
    }),
    takesArchive: true,
    answers: { ...planned, ...begins },
    async run(context, { query, request }) {
      const { node, uploads } = context
      const archive = await archiveOf(context, query, request)
      const wanted: DeployRequest = { ...archive, mode: query.mode, lenient: query.lenient }
      let taken = false
      try {
        if (query.dryRun) return value(200, await node.plan(wanted))
        const operation = node.deploy(wanted)
        taken = true
        return begun(operation)
      } finally {
        if (!taken) await uploads.discard(archive.file)
      }
    },
  }),
  route({
    verb: 'get',
    path: '/deployments/{garId}',
    summary: 'One deployed GAR with its running instance.',
    params: garId,
    query: nothing,
    answers: { 200: { description: 'The deployment', schema: 'DeploymentView' } },
    run: ({ node }, { params }) => value(200, node.show(params.garId)),
  }),
  route({
    verb: 'delete',
    path: '/deployments/{garId}',
    action: 'undeploy',
    summary: 'Undeploy a GAR: calls in flight end first.',
    params: garId,
    query: dryRun,
    answers: { ...planned, ...begins },
    run: ({ node }, { params, query }) =>
      query.dryRun ? value(200, node.planUndeploy(params.garId)) : begun(node.undeploy(params.garId)),
  }),
  route({
    verb: 'get',
    path: '/deployments/{garId}/history',
    summary: 'Every version of a GAR, newest first, with its verdict.',
    params: garId,
    query: nothing,
    answers: { 200: { description: 'Newest first', schema: 'HistoryView' } },
    run: ({ node }, { params }) => value(200, node.history(params.garId)),
  }),
  route({
    verb: 'post',
    path: '/deployments/{garId}/rollback',
    action: 'rollback',
    summary: 'Go back to the newest version before the live one that was ready.',
    params: garId,
    query: dryRun,
    answers: { ...planned, ...begins },
    run: ({ node }, { params, query }) =>
      query.dryRun ? value(200, node.planRollback(params.garId)) : begun(node.rollback(params.garId)),
  }),
  route({
    verb: 'get',
    path: '/operations',
    summary: 'The reports of operations: those that run, then those that are kept, newest first.',
    params: nothing,
    query: nothing,
    answers: { 200: { description: 'The reports', schema: ['DeploymentReport'] } },
    run: ({ node }) => value(200, node.operations()),
  }),
  route({
    verb: 'get',
    path: '/operations/{id}',
    summary: 'The report of one operation, as it stands.',
    params: z.strictObject({ id: z.string().min(1).describe("The operation's id") }),
    query: nothing,
    answers: { 200: { description: 'The report', schema: 'DeploymentReport' } },
    run: ({ node }, { params }) => value(200, operationOf(node, params.id).report),
  }),
  route({
    verb: 'get',
    path: '/operations/{id}/events',
    summary: 'Follow an operation: its report with each change, the last one CLOSED.',
    params: z.strictObject({ id: z.string().min(1).describe("The operation's id") }),
    query: nothing,
    answers: { 200: { description: 'A line of JSON for each report', schema: 'DeploymentReport', lines: true } },
    run: ({ node }, { params }) => ({ status: 200, follow: operationOf(node, params.id) }),
  }),
  route({
    verb: 'get',
    path: '/instances',
    summary: 'The running instances.',
    params: nothing,
    query: z.strictObject({ all: flag('Those that have ended, too') }),
    answers: { 200: { description: 'The instances', schema: ['InstanceView'] } },
    run: ({ node }, { query }) => value(200, node.instances(query.all)),
  }),
  route({
    verb: 'get',
    path: '/instances/{name}',
    summary: 'One running instance: state, since when, why, addresses.',
    params: instanceName,
    query: z.strictObject({
      log: z
        .string()
        .regex(/^(\d{1,4}|10000)$/, 'must be a whole number from 0 to 10000')
        .default('0')
        .transform(Number)
        .describe('How many of the last lines of its log to send along'),
    }),
    answers: { 200: { description: 'The instance', schema: 'InstanceView' } },
    async run({ node }, { params, query }) {
      const instance = node.instance(params.name)
      if (query.log === 0) return value(200, instance)
      return value(200, { ...instance, lastLines: await node.lastLines(params.name, query.log) })
    },
  }),
  route({
    verb: 'get',
    path: '/instances/{name}/log',
    summary: 'The log of a running instance, whole or in part, and what is written from now on.',
    params: instanceName,
    query: z.strictObject({
      lines: count.optional().describe('The last so many lines of what else is chosen'),
      since: z.iso
        .datetime()
        .optional()
        .describe('From the first line that was logged at this time or later; ISO 8601, UTC'),
      previous: flag('The run before the last start alone'),
      follow: flag('Go on with what is written from now on'),
    }),
    answers: { 200: { description: 'The log as it was written, the oldest line first', schema: 'text' } },
    async run({ node }, { params, query: { lines, since, previous, follow }, gone }) {
      const choice = {
        previous,
        follow,
        ...(lines === undefined ? {} : { lines }),
        ...(since === undefined ? {} : { since: Date.parse(since) }),
      }
      return { status: 200, text: await node.log(params.name, choice, gone) }
    },
  }),
  route({
    verb: 'get',
    path: '/instances/{name}/flight',
    summary: 'What a running instance did last, and what it had done before its last failures.',
    params: instanceName,
    query: nothing,
    answers: { 200: { description: 'The records of its flight recorder', schema: 'FlightView' } },
    run: async ({ node }, { params }) => value(200, await node.flight(params.name)),
  }),
  ...(['enable', 'disable'] as const).map((verb) =>
    route({
      verb: 'post',
      path: `/instances/{name}/${verb}`,
      action: verb,
      summary:
        verb === 'enable'
          ? 'Let calls in again; answered when it is ready, or has failed.'
          : 'Let no more calls in; answered when those in flight have ended and it is disabled.',
      params: instanceName,
      query: nothing,
      answers: { 200: { description: 'The instance as it is then', schema: 'InstanceView' } },
      run: async ({ node }, { params }) => value(200, await node[verb](params.name)),
    }),
  ),
  route({
    verb: 'post',
    path: '/instances/{name}/restart',
    action: 'restart',
    summary: 'Start an instance anew beside itself and switch; one that failed is started again at once.',
    params: instanceName,
    query: nothing,
    answers: begins,
    run: ({ node }, { params }) => begun(node.restart(params.name)),
  }),
  route({
    verb: 'get',
    path: '/stubs',
    summary: 'The shared packages with those that use them.',
    params: nothing,
    query: nothing,
    answers: { 200: { description: 'The packages', schema: ['StubsView'] } },
    run: ({ node }) => value(200, node.stubs()),
  }),
  ...auditRoutes,
  route({
    verb: 'get',
    path: '/lifecycle',
    summary: 'The states of a running instance and what leads from one to another.',
    params: nothing,
    query: nothing,
    answers: { 200: { description: 'The chart', schema: 'LifecycleChart' } },
    run: () => value(200, lifecycleChart()),
  }),
]

async function archiveOf(
  { node, uploads, isLocal }: AdminContext,
  { name, url, at, identity }: { readonly [field in 'name' | 'url' | 'at' | 'identity']?: string | undefined },
  request: IncomingMessage,
): Promise<Pick<DeployRequest, 'file' | 'name'>> {
  if (url !== undefined) return node.fetch(url)
  if (name === undefined) throw new RequestInvalid('name', 'give the file name of the archive, or a url')
  if (at === undefined) return { file: await uploads.receive(request), name }
  if (!isLocal) throw new RequestInvalid('at', 'is for the socket of the node alone; send the archive as the body')
  if (identity === undefined) throw new RequestInvalid('identity', 'say which file you mean')
  return { file: await uploads.copy(at, identity), name }
}

function operationOf(node: AdminContext['node'], id: string): NonNullable<ReturnType<typeof node.operation>> {
  const operation = node.operation(id)
  if (operation === undefined) throw new OperationUnknown(id)
  return operation
}
