import type { CfgSection } from '../../src/cfg/cfg.ts'
import { parseCfg } from '../../src/cfg/parse-cfg.ts'
import { anonymous, type Caller, namedInText } from '../../src/security/authorization/caller.ts'
import vectors from '../corpus/dirac-vectors/authmanager.json' with { type: 'json' }

/** A credential of the vectors: what is known of a caller before the rules. */
export interface VectorCredential {
  readonly DN?: string
  readonly group?: string
  readonly extraCredentials?: unknown
}

export interface AuthorizationVector {
  readonly section: string
  readonly method: string
  readonly hardcoded: string | readonly string[] | null
  readonly credential: string
  readonly allowed: boolean
  readonly credDict_after: Readonly<Record<string, unknown>> & { readonly properties: readonly string[] }
}

/** What DIRAC's own AuthManager answered. */
export const authorizationVectors = {
  credentials: vectors.credentials as Readonly<Record<string, VectorCredential>>,
  cases: vectors.cases as readonly AuthorizationVector[],
  /** With a setup that names the instance `I` of the vectors' system. */
  configuration: parseCfg(
    `DIRAC\n{\n  Setup = T\n  Setups\n  {\n    T\n    {\n      S = I\n    }\n  }\n}\n${vectors.cfg}`,
  ) as CfgSection,
}

/** Somebody with this name, in the group his chain carries, if any. Without a name: nobody. */
export function callerNamed(dn: string | undefined, group?: string, change: Partial<Caller> = {}): Caller {
  const name = dn === undefined || dn === '' ? undefined : namedInText(dn)
  return { ...anonymous, name, group: name && group, ...change }
}
