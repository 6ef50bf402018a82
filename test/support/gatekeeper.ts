import { onTestFinished } from 'vitest'
import { CfgSources } from '../../src/cfg/cfg-sources.ts'
import { AuditTrail } from '../../src/container/audit-trail.ts'
import { Authorization } from '../../src/container/authorization.ts'
import type { ContainerConfig } from '../../src/container/container-config.ts'
import { Gatekeeper } from '../../src/container/gatekeeper.ts'
import type { NodeLog } from '../../src/container/node-log.ts'
import { RefusalBook } from '../../src/container/refusal-book.ts'
import { Home } from '../../src/store/home.ts'
import { temporaryFolder } from './temporary.ts'

const silentLog: NodeLog = { info: () => {}, warn: () => {}, error: () => {} }

/** What decides about calls, before a home without any configuration. */
export function authorizationFor(home = new Home(temporaryFolder()), log = silentLog): Authorization {
  return new Authorization({ home, sources: sourcesIn(home), withoutRule: 'refuse' } as ContainerConfig, log)
}

/** An audit log of its own, closed when the test has ended. */
export function auditFor(home = new Home(temporaryFolder())): AuditTrail {
  const audit = new AuditTrail({ home } as ContainerConfig)
  onTestFinished(() => audit.close())
  return audit
}

export const gatekeeperFor = (
  authorization = authorizationFor(),
  log = silentLog,
  refusals = new RefusalBook(auditFor()),
): Gatekeeper => new Gatekeeper(authorization, refusals, log)

/** The `etc/dhn.cfg` of a home, which need not be there. */
export const sourcesIn = (home: Home): CfgSources => new CfgSources([{ file: home.etc('dhn.cfg'), named: false }])
