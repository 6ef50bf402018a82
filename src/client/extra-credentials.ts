import type { CfgSection } from '../cfg/cfg.ts'
import { Registry } from '../security/authorization/registry.ts'
import { readName, textKey } from '../security/name-text.ts'
import { type ReturnStructure, S_ERROR, S_OK } from '../service/return-structure.ts'

export interface ExtraCredentialOptions {
  /** The group to act in, or a name and a group to speak for, which trusted hosts may. */
  readonly extraCredentials?: string | readonly [dn: string, group: string]
  /** Whom this host speaks for. */
  readonly delegatedDN?: string
  /** The group of `delegatedDN`; else his default one in the registry. */
  readonly delegatedGroup?: string
}

const noGroup = 1108

/** What goes into the field `extraCredentials`; null when it stays away. Hosts say that they are hosts. */
export function extraCredentials(
  { extraCredentials, delegatedDN, delegatedGroup }: ExtraCredentialOptions,
  isHost: boolean,
  configuration: CfgSection,
): ReturnStructure<unknown> {
  if (delegatedDN !== undefined) {
    const group = delegatedGroup ?? defaultGroup(delegatedDN, configuration)
    return group === undefined ? S_ERROR(noGroup, `no default group for ${delegatedDN}`) : S_OK([delegatedDN, group])
  }
  return S_OK(extraCredentials ?? (isHost ? 'hosts' : null))
}

function defaultGroup(dn: string, configuration: CfgSection): string | undefined {
  const registry = new Registry(configuration)
  const user = registry.userOf(textKey(readName(dn)))
  return user && registry.defaultGroupOf(user)
}
