import { refusals } from '../../src/security/reasons.ts'

/** The table of docs/security.md. */
export const reasonTable = (): string =>
  [
    '| reason | check | what it says |',
    '| --- | --- | --- |',
    ...Object.entries(refusals).map(([reason, { check, text }]) => `| \`${reason}\` | ${check} | ${text} |`),
  ].join('\n')
