#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Roof } from './cli/roof.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const reports = async () => (await import('./config-report.ts')).configurationReports

/** Each room is loaded when it is needed: most commands need none of these. */
const roof: Roof = {
  program: fileURLToPath(import.meta.url),
  version,
  initializeHome: async (home, options) => (await import('./config.ts')).initializeHome(home, options),
  doors: async (home) => (await import('./config.ts')).readDoors(home, { environment: process.env }),
  configuration: {
    show: async (...asked) => (await reports()).show(...asked),
    check: async (...asked) => (await reports()).check(...asked),
    file: async (file) => (await reports()).file(file),
  },
  async composeNode(home, overrides) {
    const [{ compose }, { readConfiguration }] = await Promise.all([import('./compose.ts'), import('./config.ts')])
    // The one way to end is the signal's: the command that waits for it then ends as well.
    const stopRequested = (): void => void process.kill(process.pid, 'SIGTERM')
    const { files = [], settings = [] } = overrides
    return compose(readConfiguration(home, { environment: process.env, files, settings }), {
      ...overrides,
      stopRequested,
    })
  },
}

const words = process.argv.slice(2)
if (words.length === 1 && words[0] === '--version') {
  process.stdout.write(`${version}\n`)
} else {
  // What reads our output may go away early, as `head` does: that ends the command and is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  if (process.env.DHN_FAILPOINTS !== undefined) {
    const { armFailpoints } = await import('./store/failpoint.ts')
    armFailpoints(process.env.DHN_FAILPOINTS)
  }
  const { runCommandLine } = await import('./cli/command-line.ts')
  process.exitCode = await runCommandLine(words, roof, {
    environment: process.env,
    out: process.stdout,
    err: process.stderr,
  })
}
