import { type CfgSection, emptyCfg, listOf } from 'dhn/cfg'
import { ConfigurationClient } from 'dhn/client'
import { logger, MultipleCredentialsListener, S_ERROR, S_OK } from 'dhn/service'
import { ChangesConflict, mergeChanges } from './merge-changes.ts'
import { isYes, type Settings } from './Settings.ts'
import { decompressed, ownOption, versionAfter, versionOf, withOwnOption } from './served-configuration.ts'
import type { Served, VersionStore } from './VersionStore.ts'

/** Who commits when it is the server itself: its address, a slave that came or went. */
const itself = 'ConfigurationServer'
const ten = 10_000

/** What the master shows to its slaves, where it has it: those of DIRAC answer nobody without a certificate. */
export class MasterCredential extends MultipleCredentialsListener {
  pem = ''

  credentialsDelivered(_scope: string, { pem }: { readonly pem: string }): void {
    this.pem = pem
  }
}

/** A commit is refused; the caller is told why. */
class CommitRefused extends Error {}

/** The one server that takes changes. It lists itself and its slaves in the configuration, where clients find them. */
export class Master {
  readonly isMaster = true
  /** When each slave made itself known last. */
  readonly #seen = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(
    private readonly settings: Settings,
    private readonly store: VersionStore,
    /** The address of this server. */
    private readonly url: string,
    private readonly credential: MasterCredential,
  ) {}

  /** Makes the first version where there is none, and the next one when the address has changed. */
  async start(): Promise<void> {
    await this.store.recover()
    const { root, version } = this.store.served
    for (const slave of listOf(ownOption(root, 'Servers') ?? '')) {
      if (slave !== this.url && slave !== ownOption(root, 'MasterServer')) this.#seen.set(slave, Date.now())
    }
    const isCurrent = version !== '0' && ownOption(root, 'MasterServer') === this.url && this.#lists(root)
    if (!isCurrent || ownOption(root, 'Name') !== this.settings.name) await this.#listServers()
    this.#timer = setInterval(
      () => void this.#dropSilent().catch((error) => logger.error('slaves', error)),
      this.#grace(),
    )
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /**
   * Makes a configuration that somebody has changed the next version.
   *
   * @param overwrites whatever version it was made of
   */
  async commit(data: Buffer, committer: string, overwrites = false) {
    try {
      const changed = decompressed(data, `the commit of ${committer}`)
      const { version } = await this.store.commit(committer, (now) => this.#next(now, changed, overwrites))
      logger.info(`version ${version} by ${committer}`)
      this.#tellSlaves()
      return S_OK()
    } catch (error) {
      if (!(error instanceof CommitRefused)) logger.warn(`a commit of ${committer} is refused`, error)
      return S_ERROR((error as Error).message)
    }
  }

  /** Lists a slave that answers. */
  async publish(url: string) {
    if (!isAddress(url)) return S_ERROR(`${url} is no address of a configuration server`)
    if (url === this.url) return S_OK()
    const answer = await this.#slave(url).call<{ name?: string }>('ping')
    if (!answer.OK || answer.Value.name !== 'Configuration/Server') {
      const why = answer.OK ? `it is ${answer.Value.name}` : answer.Message
      logger.warn(`${url} does not answer as a configuration server and is not listed: ${why}`)
      return S_OK()
    }
    const isNew = !this.#seen.has(url)
    this.#seen.set(url, Date.now())
    if (isNew) await this.#listServers()
    return S_OK()
  }

  #next(now: Served, changed: CfgSection, overwrites: boolean): CfgSection {
    const version = versionOf(changed)
    const isStale = !overwrites && version !== now.version
    if (isStale && !this.#merges(now.root)) {
      throw new CommitRefused(`Local and remote versions differ (${now.version} vs ${version}). Cannot commit.`)
    }
    const merged = isStale ? this.#merged(now, changed, version) : changed
    const [here, there] = [ownOption(now.root, 'Name'), ownOption(merged, 'Name')]
    if (here !== there) throw new CommitRefused(`Names differ: Server is ${here} and remote is ${there}`)
    return withOwnOption(merged, 'Version', versionAfter(now.version))
  }

  #merged({ root }: Served, changed: CfgSection, version: string): CfgSection {
    const base = this.store.contents(version)
    if (base === undefined) throw new CommitRefused(`AutoMerge failed: version ${version} is not kept`)
    try {
      return mergeChanges(base, root, changed)
    } catch (error) {
      if (!(error instanceof ChangesConflict)) throw error
      throw new CommitRefused(`AutoMerge failed: ${error.message}`)
    }
  }

  #merges(root: CfgSection): boolean {
    return this.settings.autoMerge ?? isYes(ownOption(root, 'EnableAutoMerge') ?? '')
  }

  async #listServers(): Promise<void> {
    const { version } = await this.store.commit(itself, ({ root, version }) => {
      const servers = [this.url, ...this.#seen.keys()].join(', ')
      const own = { Name: this.settings.name, MasterServer: this.url, Servers: servers, Version: versionAfter(version) }
      return Object.entries(own).reduce(
        (made, [name, value]) => withOwnOption(made, name as keyof typeof own, value),
        root,
      )
    })
    logger.info(`version ${version} lists ${[this.url, ...this.#seen.keys()].join(', ')}`)
  }

  #lists(root: CfgSection): boolean {
    return listOf(ownOption(root, 'Servers') ?? '').includes(this.url)
  }

  async #dropSilent(): Promise<void> {
    const silent = [...this.#seen].filter(([, at]) => Date.now() - at > this.#grace()).map(([url]) => url)
    for (const url of silent) this.#seen.delete(url)
    if (silent.length === 0) return
    logger.warn(`slaves that say nothing any more: ${silent.join(', ')}`)
    await this.#listServers()
  }

  #grace(): number {
    const written = Number(ownOption(this.store.served.root, 'SlavesGraceTime'))
    return this.settings.slavesGraceTime ?? (written > 0 ? written * 1000 : 600_000)
  }

  /** They ask for it themselves in time; this is only sooner. */
  #tellSlaves(): void {
    if (!this.settings.autoSlaveSync) return
    for (const url of this.#seen.keys()) {
      void this.#slave(url).call('refreshConfiguration', [true])
    }
  }

  #slave(url: string): ConfigurationClient {
    const { pem } = this.credential
    const shown = pem === '' ? { anonymous: true } : { proxyString: pem, extraCredentials: 'hosts' }
    return new ConfigurationClient(url, {
      ...shown,
      configuration: emptyCfg,
      trust: { webCAs: true },
      timeout: ten,
    })
  }
}

function isAddress(url: string): boolean {
  return URL.canParse(url) && ['https:', 'http:'].includes(new URL(url).protocol)
}
