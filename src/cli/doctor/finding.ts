import type { DeploymentView, NodeView } from '../../container/views.ts'
import type { Home } from '../../store/home.ts'
import type { Doors } from '../roof.ts'

/** What one check found. */
export interface Finding {
  readonly check: string
  /** `fail`: the node can't work as it is; `warn`: it can, for now. */
  readonly level: 'ok' | 'warn' | 'fail'
  readonly message: string
  readonly next?: string
}

/** What the checks look at. */
export interface Patient {
  readonly home: Home
  /** Undefined when etc/dhn.cfg can't be read. */
  readonly doors: Doors | undefined
  /** Undefined when no node answers. */
  readonly node: NodeView | undefined
  /** What should be deployed, from the node or from the store; undefined when neither could be asked. */
  readonly deployed: readonly Pick<DeploymentView, 'garId' | 'digest' | 'instance'>[] | undefined
  readonly now: number
}

export type Check = (patient: Patient) => Promise<readonly Finding[]> | readonly Finding[]

export const ok = (check: string, message: string): Finding => ({ check, level: 'ok', message })
export const warn = (check: string, message: string, next: string): Finding => ({ check, level: 'warn', message, next })
export const fail = (check: string, message: string, next: string): Finding => ({ check, level: 'fail', message, next })
