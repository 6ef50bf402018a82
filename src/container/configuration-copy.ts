import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { inject, injectable } from 'inversify'
import type { CfgSection } from '../cfg/cfg.ts'
import { configurationServers } from '../cfg/cfg-sources.ts'
import { mergeLayers } from '../cfg/layers.ts'
import { optionAt, valueAt } from '../cfg/options.ts'
import { parseCfg } from '../cfg/parse-cfg.ts'
import { serializeCfg } from '../cfg/serialize-cfg.ts'
import { errorAsData } from '../service/errors.ts'
import { writeFileDurably } from '../store/durable.ts'
import { ContainerConfig } from './container-config.ts'
import { NodeLog } from './node-log.ts'

// Milliseconds.
/** For one server to answer. */
const patience = 30_000
/** From one round to the next for as long as no server has answered. */
const impatience = 10_000
/** How long a node that has no copy waits for its first one before it starts without. */
const firstWait = 10_000

const largest = 32 * 1024 * 1024

/**
 * Keeps a copy of what DIRAC's configuration servers have: the weakest part of this node's configuration. They are those of
 * `/DIRAC/Configuration/Servers`, asked as DIRAC's programs ask: one at random, then the others, every `RefreshTime` seconds.
 *
 * The copy outlives the servers and the node. It is readable for the node's user only, and `/DHN` in it doesn't count:
 * who may change a grid's configuration may not change this node's own.
 */
@injectable()
export class ConfigurationCopy {
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #wasAway = false

  constructor(
    @inject(ContainerConfig) private readonly config: ContainerConfig,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {}

  /** Begins to ask, where there is somebody to ask. Waits a while for the answer when there is no copy yet. */
  async start(): Promise<void> {
    const { sources, asClient } = this.config
    if (asClient === undefined || sources.copy === undefined || this.#servers().length === 0) return
    const first = this.#round()
    if (this.#copied() !== undefined) return
    let late: NodeJS.Timeout | undefined
    const waited = new Promise((resolve) => {
      late = setTimeout(resolve, firstWait)
    })
    await Promise.race([first, waited])
    clearTimeout(late)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #round(): Promise<void> {
    let after = impatience
    try {
      const isAnswered = await this.#ask()
      const refresh = valueAt(this.#merged(), '/DIRAC/Configuration/RefreshTime', 300) * 1000
      after = isAnswered || this.#copied() !== undefined ? refresh : Math.min(refresh, impatience)
    } catch (error) {
      // A local file can't be read just now, which those tell who read it for what it says.
      this.log.warn({ error: errorAsData(error) }, 'the configuration servers are not asked')
    }
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#round(), Math.max(after, 1000)).unref()
  }

  /** Whether a server has answered. */
  async #ask(): Promise<boolean> {
    const { ConfigurationClient } = await import('../client/configuration-client.ts')
    const reasons: string[] = []
    const version = versionOf(this.#copied())
    for (const url of shuffled(this.#servers())) {
      const options = { ...this.config.asClient, extraCredentials: 'hosts', timeout: patience }
      const client = new ConfigurationClient(url, { ...options, configuration: this.#merged() })
      const answer = await client.getCompressedDataIfNewer(version)
      if (answer.OK && (await this.#take(answer.Value, version, url))) {
        if (this.#wasAway) this.log.info({ url }, 'a configuration server answers again')
        this.#wasAway = false
        return true
      }
      if (!answer.OK) reasons.push(answer.Message)
    }
    if (!this.#wasAway)
      this.log.warn({ reasons, version }, 'no configuration server answers: the last copy stays in force')
    this.#wasAway = true
    return false
  }

  /** False when it can't be used, which is told. */
  async #take(
    { newestVersion, data }: { readonly newestVersion: string; readonly data?: Buffer },
    version: string,
    url: string,
  ): Promise<boolean> {
    if (data === undefined || newestVersion <= version) return true
    try {
      const text = (await promisify(inflate)(data, { maxOutputLength: largest })).toString('utf8')
      const root = withoutOwn(parseCfg(text, url))
      // What doesn't fit the local files would leave the node without any configuration.
      mergeLayers([{ name: url, root }, ...this.config.sources.localLayers()])
      const copy = this.config.sources.copy as string
      await mkdir(dirname(copy), { recursive: true, mode: 0o700 })
      await writeFileDurably(copy, serializeCfg(root), 0o600)
      this.log.info({ url, version: newestVersion }, 'the configuration has a new version')
      return true
    } catch (error) {
      this.log.error({ url, version: newestVersion, error: errorAsData(error) }, 'a new configuration can not be used')
      return false
    }
  }

  /** Those that local files name, and those that the servers name themselves. */
  #servers(): readonly string[] {
    const { sources } = this.config
    const local = configurationServers(mergeLayers(sources.localLayers()))
    const copied = this.#copied()
    const all = local.length === 0 || copied === undefined ? local : [...local, ...configurationServers(copied)]
    return [...new Set(all)].filter((url) => URL.canParse(url) && new URL(url).protocol === 'https:')
  }

  #merged(): CfgSection {
    return mergeLayers(this.config.sources.layers())
  }

  #copied(): CfgSection | undefined {
    return this.config.sources.layers().find(({ remote }) => remote)?.root
  }
}

const versionOf = (root: CfgSection | undefined): string =>
  (root && optionAt(root, '/DIRAC/Configuration/Version')?.value) || '0'

const withoutOwn = (root: CfgSection): CfgSection => ({
  ...root,
  entries: new Map([...root.entries].filter(([name]) => name !== 'DHN')),
})

const shuffled = <T>(items: readonly T[]): readonly T[] =>
  items
    .map((item) => ({ item, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item)
