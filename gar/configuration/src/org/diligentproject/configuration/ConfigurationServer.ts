import { deflateSync } from 'node:zlib'
import { serializeCfg } from 'dhn/cfg'
import {
  type gCubeRIStateICallback,
  gCubeStartupManager,
  NAL,
  RequestHandler,
  type ReturnStructure,
  S_ERROR,
  S_OK,
} from 'dhn/service'
import { Master, MasterCredential } from './Master.ts'
import { settingsFrom } from './Settings.ts'
import { HostCredential, Slave } from './Slave.ts'
import { compressed } from './served-configuration.ts'
import { VersionStore } from './VersionStore.ts'

const service = 'Configuration/Server'
/** As much of the history as one call gives. */
const mostCommits = 100

class Life implements gCubeRIStateICallback {
  constructor(private readonly server: ConfigurationServer) {}

  ready(): Promise<void> {
    return this.server.begin()
  }

  failed(): void {}

  disabled(): void {
    this.server.destroy()
  }

  redeployed(): void {}
}

/** DIRAC's configuration service: the master of a configuration, or one of its slaves. */
export class ConfigurationServer extends RequestHandler {
  auth_getVersion = ['authenticated']
  auth_getCompressedData = ['authenticated']
  auth_getCompressedDataIfNewer = ['authenticated']
  auth_writeEnabled = ['authenticated']
  auth_getCommitHistory = ['authenticated']
  auth_commitNewData = ['CSAdministrator']
  auth_rollbackToVersion = ['CSAdministrator']
  auth_getVersionContents = ['ServiceAdministrator', 'CSAdministrator']
  auth_publishSlaveServer = ['TrustedHost']
  // It only makes a slave ask its own master, once a second at most.
  auth_refreshConfiguration = ['all']

  #store: VersionStore | undefined
  #role: Master | Slave | undefined
  readonly #masterCredential = new MasterCredential()
  readonly #slaveCredential = new HostCredential()

  /** Called once the configuration of the node is known. */
  init(): void {
    const { isMaster } = this.#settings()
    const life = new Life(this)
    if (isMaster) gCubeStartupManager.registerRI('Configuration', 'Server', life, this.#masterCredential)
    else gCubeStartupManager.registerRI('Configuration', 'Server', life, this.#slaveCredential)
  }

  /** @throws {Error} the node's configuration doesn't say what is to be served */
  async begin(): Promise<void> {
    const settings = this.#settings()
    if (settings.isMaster && settings.name === '')
      throw new Error('/DIRAC/Configuration/Name is missing: what is served?')
    if (!settings.isMaster && settings.servers.length === 0) {
      throw new Error('/DIRAC/Configuration has neither Master = yes nor Servers to be a slave of')
    }
    const url = await NAL.getAddress(service)
    this.#store = new VersionStore(settings.name || 'Configuration', NAL.getPersistentDirectory())
    this.#role?.stop()
    this.#role = settings.isMaster
      ? new Master(settings, this.#store, url, this.#masterCredential)
      : new Slave(settings, this.#store, url, this.#slaveCredential)
    await this.#role.start()
  }

  destroy(): void {
    this.#role?.stop()
  }

  export_getVersion() {
    return this.#served(({ version }) => version)
  }

  export_getCompressedData() {
    return this.#served((served) => served.compressed.toString('base64'))
  }

  export_getCompressedDataIfNewer(version: string) {
    return this.#served((served) => ({
      newestVersion: served.version,
      ...(version < served.version ? { data: served.compressed.toString('base64') } : {}),
    }))
  }

  export_writeEnabled() {
    return S_OK(this.#begun.role.isMaster)
  }

  async export_commitNewData(data: string) {
    const committer = this.getRemoteCredentials().username
    if (committer === undefined) return S_ERROR('You must be authenticated!')
    return this.#begun.role.commit(Buffer.from(data, 'base64'), committer)
  }

  export_getCommitHistory(limit = mostCommits) {
    const { store } = this.#begun
    const most = limit > 0 ? Math.min(limit, mostCommits) : mostCommits
    return S_OK(
      store
        .history()
        .slice(0, most)
        .map(({ committer, version }) => [committer, version]),
    )
  }

  export_getVersionContents(versions: readonly string[]) {
    const { store } = this.#begun
    const contents: Buffer[] = []
    for (const version of versions) {
      const root = store.contents(version)
      if (root === undefined) return notKept(version)
      contents.push(compressed(root))
    }
    return S_OK(contents)
  }

  async export_rollbackToVersion(version: string) {
    const { role, store } = this.#begun
    const committer = this.getRemoteCredentials().username
    if (committer === undefined) return S_ERROR('You must be authenticated!')
    const root = store.contents(version)
    if (root === undefined) return notKept(version)
    return role.commit(deflateSync(serializeCfg(root)), committer, true)
  }

  export_publishSlaveServer(url: string) {
    return this.#begun.role.publish(url)
  }

  async export_refreshConfiguration() {
    const { role } = this.#begun
    if (role instanceof Slave) await role.refresh()
    return S_OK()
  }

  #served<T>(part: (served: VersionStore['served']) => T): ReturnStructure<T> {
    const { served } = this.#begun.store
    if (served.version === '0') return S_ERROR('this server has no configuration yet')
    return S_OK(part(served))
  }

  get #begun() {
    const [role, store] = [this.#role, this.#store]
    if (role === undefined || store === undefined) throw new Error('it has not begun')
    return { role, store }
  }

  #settings() {
    return settingsFrom((option, otherwise) => this.getCSOption(option, otherwise) as typeof otherwise)
  }
}

const notKept = (version: string) =>
  S_ERROR(`Can't get contents for version ${version}: Version ${version} does not exist`)
