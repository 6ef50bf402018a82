#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const words = process.argv.slice(2)
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

if (words.length === 1 && words[0] === '--version') {
  process.stdout.write(`${version}\n`)
} else {
  const { runCommandLine } = await import('./cli/command-line.ts')
  process.exitCode = await runCommandLine(words, roof, process)
}
