import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type CfgSection, emptyCfg, onlyFileIn, parseCfg, serializeCfg, zipOf } from 'dhn/cfg'
import { moveDurably, whileLocked, writeDurably } from './durable-file.ts'
import { compressed, versionOf } from './served-configuration.ts'

/** The configuration that is served, in the forms that it is asked for. */
export interface Served {
  readonly root: CfgSection
  /** `"0"` where there is none yet. */
  readonly version: string
  readonly compressed: Buffer
}

export interface KeptVersion {
  readonly committer: string
  readonly version: string
  readonly file: string
}

const nothing: Served = { root: emptyCfg, version: '0', compressed: compressed(emptyCfg) }

/**
 * The configuration and its versions on disk: `<name>.cfg` is what is served, `csbackup/<year>/<month>/` has a zip archive of
 * each version, `<name>.<committer>@<version>.zip`, as DIRAC keeps them.
 *
 * A version is committed by the rename of `<name>.cfg`; its archive, written before, is moved into place then. Whatever
 * moment the process ends at, the next one has a version that is whole, and its archive.
 */
export class VersionStore {
  readonly #folder: string
  readonly #file: string
  readonly #backups: string
  readonly #coming: string
  readonly #lock: string
  #served = nothing
  #stamp = ''

  constructor(
    readonly name: string,
    folder: string,
  ) {
    this.#folder = folder
    this.#file = join(folder, `${name}.cfg`)
    this.#backups = join(folder, 'csbackup')
    this.#coming = join(this.#backups, '.coming')
    this.#lock = join(folder, '.lock')
    mkdirSync(this.#coming, { recursive: true, mode: 0o700 })
  }

  /**
   * What is on disk now: another process may have written it.
   *
   * @throws {CfgMalformed} somebody has written something else into the file
   */
  get served(): Served {
    const stat = statSync(this.#file, { throwIfNoEntry: false })
    const stamp = stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`
    if (stamp !== this.#stamp) {
      this.#served = stat === undefined ? nothing : servedOf(parseCfg(readFileSync(this.#file, 'utf8'), this.#file))
      this.#stamp = stamp
    }
    return this.#served
  }

  /** Finishes what a process that was killed had begun. */
  async recover(): Promise<void> {
    await whileLocked(this.#lock, async () => {
      for (const name of readdirSync(this.#coming)) {
        const kept = this.#keptAs(name, join(this.#coming, name))
        if (kept?.version === this.served.version) await this.#keep(kept)
        else await rm(join(this.#coming, name), { force: true })
      }
      const half = readdirSync(this.#folder).filter((name) => name.startsWith(`${this.name}.cfg.`))
      for (const name of half) await rm(join(this.#folder, name), { force: true })
    })
  }

  /**
   * Makes `change` of what is served the next version; it is on the disk when this resolves.
   *
   * @param change gives the whole configuration with its new version; what it throws changes nothing
   */
  async commit(committer: string, change: (now: Served) => CfgSection): Promise<Served> {
    return whileLocked(this.#lock, async () => {
      const next = servedOf(change(this.served))
      const text = serializeCfg(next.root)
      const name = `${this.name}.${encodeURIComponent(committer)}@${next.version}`
      const coming = join(this.#coming, `${name}.zip`)
      await writeDurably(
        coming,
        zipOf(`${this.name}.cfg.backup.${committer}@${next.version}`, Buffer.from(text), new Date()),
      )
      await writeDurably(this.#file, text)
      await this.#keep({ committer, version: next.version, file: coming })
      return this.served
    })
  }

  /** Every version that is kept, the newest first. */
  history(): readonly KeptVersion[] {
    return readdirSync(this.#backups, { recursive: true, encoding: 'utf8' })
      .filter((path) => !path.startsWith('.coming'))
      .flatMap((path) => this.#keptAs(basename(path), join(this.#backups, path)) ?? [])
      .sort((one, other) => (one.version < other.version ? 1 : -1))
  }

  /** A version that is kept; undefined when it isn't. @throws its archive is damaged */
  contents(version: string): CfgSection | undefined {
    const kept = this.history().find((one) => one.version === version)
    return kept && parseCfg(onlyFileIn(readFileSync(kept.file)).toString('utf8'), kept.file)
  }

  async #keep({ version, file }: KeptVersion): Promise<void> {
    const [year = '0', month = '0'] = version.split('-')
    const folder = join(this.#backups, year, month)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    await moveDurably(file, join(folder, basename(file)))
  }

  #keptAs(name: string, file: string): KeptVersion | undefined {
    if (!name.startsWith(`${this.name}.`) || !name.endsWith('.zip')) return undefined
    const about = name.slice(this.name.length + 1, -'.zip'.length)
    const at = about.lastIndexOf('@')
    if (at === -1) return undefined
    return { committer: decoded(about.slice(0, at)), version: about.slice(at + 1), file }
  }
}

const servedOf = (root: CfgSection): Served => ({ root, version: versionOf(root), compressed: compressed(root) })

/** Archives that DIRAC has left have names as they are. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
