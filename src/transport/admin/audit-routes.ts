import { z } from 'zod'
import { type Route, route } from './route.ts'
import { count, flag, nothing, value } from './route-parts.ts'

/** Who did what to this node, and who was refused. */
export const auditRoutes: readonly Route[] = [
  route({
    verb: 'get',
    path: '/refusals',
    summary: 'The last refusals, newest first: who was refused what, and why.',
    params: nothing,
    query: z.strictObject({ count: count.default(100).describe('How many at most') }),
    answers: { 200: { description: 'The refusals', schema: ['RefusalView'] } },
    run: ({ refusals }, { query }) => value(200, refusals.last(query.count)),
  }),
  route({
    verb: 'get',
    path: '/refusals/{id}',
    summary: 'Why a caller was refused: by the request id that he was given, or a beginning of it.',
    params: z.strictObject({ id: z.string().min(4).describe('The X-Request-Id of the answer') }),
    query: nothing,
    answers: { 200: { description: 'The refusal', schema: 'RefusalView' } },
    run: ({ refusals }, { params }) => value(200, refusals.find(params.id)),
  }),
  route({
    verb: 'get',
    path: '/audit',
    summary: 'The audit log: what was done to the node and by whom, and who was refused.',
    params: nothing,
    query: z.strictObject({
      since: z.iso.datetime().optional().describe('From this time on; ISO 8601, UTC'),
      who: z.string().optional().describe('Part of a name, user, group, VO, user id or address'),
      what: z.string().optional().describe('Part of what was asked for, its target, a code, an outcome or an id'),
      lines: count.optional().describe('The last so many of what else is chosen'),
      follow: flag('Go on with what is added from now on'),
    }),
    answers: { 200: { description: 'A line of JSON for each, the oldest first', schema: 'AuditLine', lines: true } },
    run({ audit }, { query: { since, who, what, lines, follow }, gone }) {
      const wish = {
        ...(since !== undefined && { since: Date.parse(since) }),
        ...(who !== undefined && { who }),
        ...(what !== undefined && { what }),
        ...(lines !== undefined && { lines }),
      }
      return { status: 200, lines: audit.read(wish, follow ? gone : undefined) }
    },
  }),
  route({
    verb: 'get',
    path: '/audit/verification',
    summary: 'Whether the chain of the audit log holds, and the first line at which it does not.',
    params: nothing,
    query: nothing,
    answers: { 200: { description: 'What was found', schema: 'AuditVerification' } },
    run: async ({ audit }) => value(200, await audit.verify()),
  }),
]
