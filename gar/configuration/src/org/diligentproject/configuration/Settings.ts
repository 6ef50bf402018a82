/** What an operator has said of this server in `/DIRAC/Configuration` of the node's configuration; times in milliseconds. */
export interface Settings {
  readonly isMaster: boolean
  /** Of the configuration that is served. */
  readonly name: string
  /** Where a slave may get the configuration from. */
  readonly servers: readonly string[]
  readonly autoMerge: boolean | undefined
  /** Whether a slave makes itself known to the master. */
  readonly autoPublish: boolean
  /** Whether the master tells its slaves of each new version. */
  readonly autoSlaveSync: boolean
  readonly propagationTime: number | undefined
  readonly slavesGraceTime: number | undefined
}

type Find = <T extends string | number | boolean | readonly string[]>(option: string, otherwise: T) => T

const second = 1000
const unset = -1

/** @param find an option of the node's configuration in the type of its default */
export function settingsFrom(find: Find): Settings {
  const own = <T extends string | number | boolean | readonly string[]>(name: string, otherwise: T): T =>
    find(`/DIRAC/Configuration/${name}`, otherwise)
  const seconds = (name: string): number | undefined => {
    const found = own(name, unset as number)
    return found > 0 ? found * second : undefined
  }
  const written = own('EnableAutoMerge', '' as string)
  return {
    isMaster: own('Master', false as boolean),
    name: own('Name', '' as string),
    servers: [...own('MasterServer', [] as readonly string[]), ...own('Servers', [] as readonly string[])],
    autoMerge: written === '' ? undefined : isYes(written),
    autoPublish: !isNo(own('AutoPublish', '' as string)),
    autoSlaveSync: !isNo(own('AutoSlaveSync', '' as string)),
    propagationTime: seconds('PropagationTime'),
    slavesGraceTime: seconds('SlavesGraceTime'),
  }
}

export const isYes = (text: string): boolean => ['y', 'yes', 'true', '1'].includes(text.toLowerCase())
const isNo = (text: string): boolean => ['n', 'no', 'false'].includes(text.toLowerCase())
