import type * as archive from '../archive/archive-errors.ts'
import type * as descriptor from '../archive/descriptor-reader.ts'
import type * as unpack from '../archive/unpack/archive-refused.ts'
import type * as auditing from '../audit/errors.ts'
import type * as changeover from '../container/changeover.ts'
import type * as configured from '../container/configured-services.ts'
import type * as fetching from '../container/fetch-archive.ts'
import type * as finding from '../container/find-instance.ts'
import type * as gates from '../container/gates.ts'
import type * as control from '../container/instance-control.ts'
import type * as operations from '../container/operations.ts'
import type * as plan from '../container/plan-errors.ts'
import type * as recovery from '../container/recovery.ts'
import type * as refusing from '../container/refusal-book.ts'
import type * as restoring from '../container/restorer.ts'
import type * as takeover from '../container/takeover.ts'
import type * as place from '../isolate/place-errors.ts'
import type * as lifecycle from '../lifecycle/lifecycle-errors.ts'
import type * as logs from '../logs/open-log.ts'
import type * as service from '../service/errors.ts'
import type * as store from '../store/store-errors.ts'
import type * as xml from '../xml/errors.ts'
import type * as administering from './admin/admin-errors.ts'
import type * as transport from './errors.ts'

/** The codes of the error classes that a module exports; a class that takes its code from elsewhere has none of its own. */
type CodesIn<Module> = {
  [Name in keyof Module]: Module[Name] extends abstract new (
    ...given: never
  ) => { readonly code: infer Code }
    ? Code extends `DHN_${infer Rest}`
      ? string extends Rest
        ? never
        : Code
      : never
    : never
}[keyof Module]

/**
 * Every code with which something asked of a node can fail. It follows from the classes: one that is added to these
 * modules is here at once, and test/transport/http-status.test.ts finds a module that is missing.
 */
export type ErrorCode =
  | CodesIn<typeof archive>
  | CodesIn<typeof descriptor>
  | CodesIn<typeof unpack>
  | CodesIn<typeof auditing>
  | CodesIn<typeof changeover>
  | CodesIn<typeof configured>
  | CodesIn<typeof fetching>
  | CodesIn<typeof finding>
  | CodesIn<typeof gates>
  | CodesIn<typeof control>
  | CodesIn<typeof operations>
  | CodesIn<typeof plan>
  | CodesIn<typeof recovery>
  | CodesIn<typeof refusing>
  | CodesIn<typeof restoring>
  | CodesIn<typeof takeover>
  | CodesIn<typeof place>
  | CodesIn<typeof lifecycle>
  | CodesIn<typeof logs>
  | CodesIn<typeof service>
  | CodesIn<typeof store>
  | CodesIn<typeof xml>
  | CodesIn<typeof administering>
  | CodesIn<typeof transport>
