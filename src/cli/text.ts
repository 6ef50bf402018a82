import { stripVTControlCharacters } from 'node:util'

/** A text from a service, an archive or a log as one line that can't steer the terminal it is shown on. */
export const plain = (text: string): string => logLine(text.replace(/\s+/g, ' '))

/** The same with its blanks, for a line whose columns mean something. */
export const logLine = (text: string): string =>
  stripVTControlCharacters(text.replaceAll('\t', '  '))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '?')

/** `850 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.floor(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`
}

/** How long ago an ISO 8601 time was, or the text as it is when it is none. */
export function age(time: string, now: number = Date.now()): string {
  const at = Date.parse(time)
  return Number.isNaN(at) ? time : duration(Math.max(0, now - at))
}

/** `912 B`, `4.1 KB`, `12.0 MB`: powers of 1000. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const [unit, divisor] = bytes < 1e6 ? ['KB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : (['GB', 1e9] as const)
  return `${(bytes / (divisor as number)).toFixed(1)} ${unit}`
}

/** `1 problem`, `3 problems`. */
export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

/** Labels and values in two columns; what has no value is left out. */
export function facts(pairs: readonly (readonly [label: string, value: string | number | undefined])[]): string {
  const given = pairs.filter(([, value]) => value !== undefined && value !== '')
  const width = Math.max(0, ...given.map(([label]) => label.length))
  return given.map(([label, value]) => `${label.padEnd(width)}  ${plain(String(value))}`).join('\n')
}

export const indent = (text: string, by = '  '): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? line : by + line))
    .join('\n')
