import { join } from 'node:path'

/**
 * Where everything of one node lies on disk.
 *
 * One process owns a home. `deployments`, `stubs`, `archives` and `staging` are on one file system, so that a rename
 * moves a finished folder into place.
 *
 * @see docs/home.md for what each folder holds
 */
export class Home {
  constructor(readonly root: string) {}

  readonly etc = (...names: string[]): string => join(this.root, 'etc', ...names)
  readonly deployments = (...names: string[]): string => join(this.root, 'deployments', ...names)
  readonly stubs = (...names: string[]): string => join(this.root, 'stubs', ...names)
  readonly archives = (...names: string[]): string => join(this.root, 'archives', ...names)
  /** Half-made things; emptied at each start. */
  readonly staging = (...names: string[]): string => join(this.root, 'deployments', '.staging', ...names)
  readonly var = (...names: string[]): string => join(this.root, 'var', ...names)
  readonly log = (...names: string[]): string => join(this.root, 'var', 'log', ...names)
  readonly run = (...names: string[]): string => join(this.root, 'run', ...names)
  /** What a node that runs reads its configuration from. */
  get configurationSources(): string {
    return this.run('configuration.json')
  }
  get adminSocket(): string {
    return this.run('admin.sock')
  }
}
