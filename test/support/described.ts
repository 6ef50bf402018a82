import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Home } from '../../src/store/home.ts'
import { temporaryFolder } from './temporary.ts'

/** The GAR ID of the service that `described` describes. */
export const garId = 'Samples:Echo'

export const handler = (version: number): string =>
  `import { RequestHandler, S_OK } from 'dhn/service'
   export class EchoHandler extends RequestHandler {
     auth_version = ['all']
     export_version() { return S_OK(${version}) }
   }`

export interface Described {
  readonly home: Home
  /** The file of the service's module. */
  readonly module: string
  /** Writes what stands in `/Systems/Samples/Services`. */
  configure(...lines: readonly string[]): void
}

/** A home whose configuration describes `Samples/Echo`, its module in a folder outside of it. */
export function described(...more: readonly string[]): Described {
  const home = new Home(join(temporaryFolder(), 'home'))
  const module = join(temporaryFolder(), 'EchoHandler.js')
  mkdirSync(home.etc(), { recursive: true })
  writeFileSync(module, handler(1))
  const configure = (...lines: readonly string[]) =>
    writeFileSync(home.etc('dhn.cfg'), ['Systems {', 'Samples {', 'Services {', ...lines, '}', '}', '}'].join('\n'))
  configure('Echo {', 'Protocol = HTTPS', `HandlerPath = ${module}`, '}', ...more)
  return { home, module, configure }
}
