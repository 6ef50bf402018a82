import type { AuditEntry } from '../../audit/audit-entry.ts'
import type { AuditTrail } from '../../container/audit-trail.ts'
import type { HostingNode } from '../../container/hosting-node.ts'
import type { Refusals } from '../../container/refusals.ts'
import type { ErrorData } from '../../service/errors.ts'
import type { Admission } from './admission.ts'
import type { Answer, Route } from './route.ts'

type Values = Readonly<Record<string, unknown>>

/** One request to the admin API on its way into the audit log: what changes something, and what is refused. */
export class AdminAudit {
  #action: Pick<AuditEntry, 'what' | 'target'> | undefined

  /**
   * @param id of the request
   * @param asked such as `GET /admin/v1/instances`
   */
  constructor(
    private readonly audit: AuditTrail,
    private readonly refusals: Refusals,
    private readonly admission: Admission,
    private readonly id: string,
    private readonly asked: string,
  ) {}

  /** Must have resolved before anything is changed. @throws {AuditUnavailable} then it isn't to be done */
  async begins({ action }: Route, params: Values, { name, url, ...query }: Values): Promise<void> {
    if (action === undefined) return
    const target = params.garId ?? params.name ?? url ?? name
    const what = query.dryRun === true ? `${action} (dry run)` : action
    const facts = Object.entries(query).filter(
      (pair): pair is [string, string | boolean] => pair[1] !== undefined && pair[1] !== false,
    )
    const done = { what, ...(target === undefined ? {} : { target: String(target) }) }
    await this.audit.record({
      ...this.#entry('begun'),
      ...done,
      ...(facts.length > 0 && { facts: Object.fromEntries(facts) }),
    })
    this.#action = done
  }

  /** What came of it: for an operation, when that is over. */
  ended(answer: Answer, node: HostingNode): void {
    if (this.#action === undefined) return
    const id = operationIn(answer)
    const operation = id === undefined ? undefined : node.operation(id)
    if (operation === undefined) {
      this.audit.note({ ...this.#entry('done'), ...this.#action })
      return
    }
    const action = this.#action
    void operation.closed.then(({ outcome = 'failed', cause }) => {
      const entry = { ...this.#entry(outcome), ...action, operation: operation.id }
      this.audit.note(cause === undefined ? entry : { ...entry, code: cause.code })
    })
  }

  /** It was refused, or what was begun has failed. What only asks, and asks for what isn't there, is neither. */
  failed({ code, message }: ErrorData): void {
    const { who, from, refused, credential, rule } = this.admission
    if (this.#action !== undefined) {
      this.audit.note({ ...this.#entry('failed'), ...this.#action, code })
    } else if (refused !== undefined || !/^(GET|HEAD) /.test(this.asked)) {
      this.refusals.noted({
        id: this.id,
        kind: 'admin',
        code,
        told: message,
        what: this.asked,
        who,
        ...(from && { from }),
        ...(credential && { credential }),
        ...(rule && { rule }),
      })
    }
  }

  #entry<Outcome extends AuditEntry['outcome']>(outcome: Outcome) {
    const { who, from } = this.admission
    return { kind: 'admin', who, what: this.asked, ...(from && { from }), outcome, request: this.id } as const
  }
}

function operationIn(answer: Answer): string | undefined {
  if (!('value' in answer) || answer.status !== 202) return undefined
  const { operation } = answer.value as { readonly operation?: unknown }
  return typeof operation === 'string' ? operation : undefined
}
