import { runCommandLine } from '../../src/cli/command-line.ts'
import type { Roof } from '../../src/cli/roof.ts'
import { configurationReports } from '../../src/config-report.ts'
import { program, type Ran } from './dhn.ts'

const roof: Roof = {
  program,
  version: '0.1.0',
  initializeHome: async (home, options) => (await import('../../src/config.ts')).initializeHome(home, options),
  doors: async (home) => (await import('../../src/config.ts')).readDoors(home),
  configuration: configurationReports,
  composeNode: () => Promise.reject(new Error('a node is started as a process of its own')),
}

class Sink {
  text = ''
  constructor(
    readonly isTTY = false,
    readonly columns = 80,
  ) {}
  write(text: string): boolean {
    this.text += text
    return true
  }
}

/** Runs a command line in this process: quicker than one of its own where nothing depends on that. */
export async function commandLine(
  words: readonly string[],
  {
    home = '/nowhere',
    columns,
    environment,
  }: {
    readonly home?: string
    readonly columns?: number
    readonly environment?: Readonly<Record<string, string>>
  } = {},
): Promise<Ran> {
  const out = new Sink(columns !== undefined, columns)
  const err = new Sink()
  const code = await runCommandLine(words, roof, {
    environment: { DHN_HOME: home, HOME: '/nowhere', ...environment },
    out,
    err,
  })
  return { code, stdout: out.text, stderr: err.text }
}
