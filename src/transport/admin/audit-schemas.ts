import { z } from 'zod'
import type { AuditLine, AuditWho } from '../../audit/audit-entry.ts'
import type { AuditVerification } from '../../audit/verify-audit.ts'
import type { RefusalView } from '../../container/refusal-book.ts'
import { refusalSteps } from '../../security/authorization/decision.ts'
import { list, maybe, time } from './schema-parts.ts'

const auditWho = z.object({
  via: z.enum(['socket', 'https', 'http', 'node']),
  uid: maybe(z.number()),
  dn: maybe(z.string()),
  claimed: maybe(z.string().describe('The name in a certificate that was refused')),
  username: maybe(z.string()),
  group: maybe(z.string()),
  vo: maybe(z.string()),
}) satisfies z.ZodType<AuditWho>

export const auditLine = z.object({
  n: z.number().describe('From 1, without gaps'),
  at: time,
  kind: z.enum(['admin', 'call', 'log']),
  who: auditWho,
  what: z.string(),
  target: maybe(z.string()),
  from: maybe(z.string()),
  outcome: z.enum(['begun', 'done', 'unchanged', 'failed', 'refused', 'noted']),
  code: maybe(z.string()),
  request: maybe(z.string()),
  operation: maybe(z.string()),
  count: maybe(z.number()),
  since: maybe(time),
  facts: maybe(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
  previous: z.string().describe('SHA-256 of the line before'),
}) satisfies z.ZodType<AuditLine>

const linePlace = { file: z.string(), line: z.number() }

export const auditVerification = z.object({
  ok: z.boolean(),
  files: z.number(),
  lines: z.number(),
  first: maybe(z.number()),
  last: maybe(z.number()),
  digest: maybe(z.string().describe('Of the last line')),
  torn: list(z.object(linePlace)),
  unfinished: maybe(z.object(linePlace)),
  broken: maybe(z.object({ ...linePlace, why: z.string() })),
}) satisfies z.ZodType<AuditVerification>

const certificateName = z.object({ subject: z.string(), issuer: z.string(), serial: z.string() })

export const refusalView = z.object({
  id: z.string().describe('The X-Request-Id of the answer'),
  at: time,
  kind: z.enum(['admin', 'call', 'request']),
  code: z.string(),
  told: z.string().describe('What the caller was told'),
  what: z.string(),
  who: auditWho,
  from: maybe(z.string()),
  credential: maybe(
    z.object({
      certificates: list(certificateName.nullable()),
      accepted: maybe(
        z.object({
          rights: z.enum(['full', 'limited', 'none']),
          proxy: z.boolean(),
          group: maybe(z.string()),
          fqans: maybe(list(z.string())),
          notAfter: time,
        }),
      ),
      failed: maybe(
        z.object({
          reason: z.string().describe('One of docs/security.md'),
          check: maybe(z.string()),
          certificate: maybe(certificateName),
          index: maybe(z.number()),
          message: maybe(z.string()),
        }),
      ),
    }),
  ),
  rule: maybe(
    z.object({
      text: z.string(),
      place: z.object({
        kind: z.enum([
          'configuration',
          'service',
          'configuration-default',
          'missing',
          'security-descriptor',
          'container-descriptor',
        ]),
        where: z.string(),
        file: maybe(z.string()),
        line: maybe(z.number()),
      }),
      step: z.enum(refusalSteps),
      reason: z.string(),
    }),
  ),
  next: z.string().describe('What the operator can do'),
}) satisfies z.ZodType<RefusalView>
