import type { Problem } from '../archive/problem.ts'
import { plain } from './text.ts'

/** `warning  etc/profile.xml:3  unknown element Foo  [profile-unknown-element]`, a line for each. */
export const problemLines = (problems: readonly Problem[]): string =>
  problems
    .map(({ level, file, line, message, code }) => {
      const place = file === undefined ? '' : `${plain(file)}${line === undefined ? '' : `:${line}`}  `
      return `${level.padEnd(7)}  ${place}${plain(message)}  [${code}]`
    })
    .join('\n')
