import { emptyCfg, listOf } from 'dhn/cfg'
import { ConfigurationClient } from 'dhn/client'
import { logger, S_ERROR, SimpleCredentialsListener } from 'dhn/service'
import type { Settings } from './Settings.ts'
import { decompressed, ownOption, versionOf } from './served-configuration.ts'
import type { VersionStore } from './VersionStore.ts'

// In milliseconds.
const timeout = 60_000
/** From the start to the first publication. */
const soon = 2000
const unlisted = 10_000
/** Nobody can make a slave ask more often than this. */
const pause = 1000

/** What a slave shows to the master: the certificate and key of its host. */
export class HostCredential extends SimpleCredentialsListener {
  pem = ''

  credentialsDelivered({ pem }: { readonly pem: string }): void {
    this.pem = pem
  }
}

/** A server that serves what the master has, also while the master is away. */
export class Slave {
  readonly isMaster = false
  #timer: NodeJS.Timeout | undefined
  #asking: Promise<void> | undefined
  #askedAt = 0

  constructor(
    private readonly settings: Settings,
    private readonly store: VersionStore,
    private readonly url: string,
    private readonly credential: HostCredential,
  ) {}

  /** Resolves when the master has been asked once, whatever it said. It is told of this server once that answers. */
  async start(): Promise<void> {
    await this.store.recover()
    await this.#refresh(false)
    const again = (after: number): void => {
      this.#timer = setTimeout(() => void this.refresh().then(() => again(this.#wait())), after).unref()
    }
    again(Math.min(soon, this.#wait()))
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  async commit() {
    return S_ERROR('Configuration modification is not allowed in this server')
  }

  async publish(_url: string) {
    return S_ERROR('Configuration modification is not allowed in this server')
  }

  /** Takes a newer version where there is one. Those who ask meanwhile are content with the same answer. */
  async refresh(): Promise<void> {
    if (this.#asking === undefined && Date.now() - this.#askedAt < pause) return
    this.#asking ??= this.#refresh(this.settings.autoPublish).finally(() => {
      this.#askedAt = Date.now()
      this.#asking = undefined
    })
    await this.#asking
  }

  async #refresh(publishes: boolean): Promise<void> {
    const { root, version } = this.store.served
    const known = [
      ownOption(root, 'MasterServer') ?? '',
      ...this.settings.servers,
      ...listOf(ownOption(root, 'Servers') ?? ''),
    ]
    for (const url of new Set(known)) {
      if (url === '' || url === this.url) continue
      const server = new ConfigurationClient(url, {
        proxyString: this.credential.pem,
        extraCredentials: 'hosts',
        configuration: emptyCfg,
        trust: { webCAs: true },
        timeout,
      })
      const answer = await server.getCompressedDataIfNewer(version)
      if (!answer.OK) {
        logger.warn(`${url}: ${answer.Message}`)
        continue
      }
      const { data, newestVersion } = answer.Value
      try {
        if (data !== undefined && newestVersion > version) await this.#take(data, url)
      } catch (error) {
        logger.error(`what ${url} has can't be taken`, error)
        continue
      }
      if (publishes && url === this.#master()) await this.#publish(server)
      return
    }
    logger.warn(
      `no server has been reached; ${version === '0' ? 'there is nothing to serve' : `version ${version} is served`}`,
    )
  }

  async #take(data: Buffer, url: string): Promise<void> {
    const root = decompressed(data, url)
    const name = ownOption(root, 'Name')
    if (this.settings.name !== '' && name !== this.settings.name) {
      throw new Error(`it is the configuration ${name}, and this server is for ${this.settings.name}`)
    }
    const { version } = await this.store.commit('MasterServer', (now) =>
      versionOf(root) > now.version ? root : now.root,
    )
    logger.info(`version ${version} of ${url}`)
  }

  async #publish(server: ConfigurationClient): Promise<void> {
    const answer = await server.call('publishSlaveServer', [this.url])
    if (!answer.OK) logger.warn(`the master does not list this server: ${answer.Message}`)
  }

  #master(): string | undefined {
    return ownOption(this.store.served.root, 'MasterServer') ?? this.settings.servers[0]
  }

  /** Until the master lists it, a slave asks more often. */
  #wait(): number {
    const { root } = this.store.served
    const written = Number(ownOption(root, 'PropagationTime'))
    const propagation = this.settings.propagationTime ?? (written > 0 ? written * 1000 : 300_000)
    const isListed = !this.settings.autoPublish || listOf(ownOption(root, 'Servers') ?? '').includes(this.url)
    return isListed ? propagation : Math.min(unlisted, propagation)
  }
}
