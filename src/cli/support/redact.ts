/** Stands where a secret was. */
const takenOut = '[taken out]'

// Everything here takes time in proportion to the text: repetitions are bounded, and none begins inside another.
const secretWord =
  'pass(?:word|wd|phrase|code)|(?<![a-z])pass(?![a-z])|pwd|secret|token|credential|cookie|authori[sz]ation|' +
  '(?:api|access|private|encryption|signing|shared|session|auth)[-_. ]?(?:key|id)(?![a-z])'
const looksSecret = new RegExp(secretWord, 'i')
/** From the word on: whatever of the name comes before it stays as it is. */
const named = `(?:${secretWord})[\\w.-]{0,40}`
const assigned = `(${named}(?:\\\\{0,8}["'])?[ \\t]{0,8}(?:\\+?=>?|:)[ \\t]{0,8})`

/** Whether what has this name is likely to be a secret: `DB_PASSWORD`, `apiKey`, `client.secret`. */
const isSecretName = (name: string): boolean => looksSecret.test(name)

/** In this order: what a rule leaves is read by the next one. */
const rules: readonly (readonly [RegExp, string])[] = [
  [/^[\s|]{0,20}[A-Za-z0-9+/]{60,}={0,2}$/gm, takenOut],
  // JSON Web Tokens, and tokens that services give away under a form of their own.
  [/\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?/g, takenOut],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, takenOut],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|npm_|AIza)[\w-]{16,}/g, takenOut],
  // Headers and URLs.
  [/\b(Bearer|Basic|Negotiate)[ \t]{1,8}[\w.~+/=-]{6,}/gi, `$1 ${takenOut}`],
  [/(:\/\/)[^\s/@"']{1,256}@/g, `$1${takenOut}@`],
  [/\b((?:authorization|cookie)["']?[ \t]{0,8}[:=][ \t]{0,8}).*/gi, `$1${takenOut}`],
  // XML: an attribute or an element whose name, or whose `name`, says that it is one.
  [
    new RegExp(
      `(\\bname\\s{0,8}=\\s{0,8}["'][^"'<>]{0,100}?(?:${secretWord})[^"'<>]{0,100}["'][^<>]{0,200}?\\bvalue\\s{0,8}=\\s{0,8})(?:"[^"]*"|'[^']*')`,
      'gi',
    ),
    `$1"${takenOut}"`,
  ],
  [
    new RegExp(
      `(\\bvalue\\s{0,8}=\\s{0,8})(?:"[^"<>]{0,4000}"|'[^'<>]{0,4000}')([^<>]{0,200}?\\bname\\s{0,8}=\\s{0,8}["'][^"'<>]{0,100}?(?:${secretWord}))`,
      'gi',
    ),
    `$1"${takenOut}"$2`,
  ],
  [new RegExp(`(<name>[^<]{0,100}?(?:${secretWord})[^<]{0,100}</name>\\s{0,40}<value>)[^<]*`, 'gi'), `$1${takenOut}`],
  [new RegExp(`(<[\\w:.-]{0,60}?(?:${secretWord})[\\w:.-]{0,60}(?:\\s[^<>]{0,200})?>)[^<]+`, 'gi'), `$1${takenOut}`],
  // `--password …`, then `password = …`, `"apiKey": "…"`, `DB_PASSWORD=…`, `?token=…`, `Key += …`.
  [new RegExp(`(--[\\w-]{0,40}?${named}[ \\t]{1,8})[^\\s-]\\S*`, 'gi'), `$1${takenOut}`],
  [new RegExp(`${assigned}\\\\{0,8}"(?:[^"\\\\\\n]|\\\\.)*"?`, 'gi'), `$1"${takenOut}"`],
  [new RegExp(`${assigned}\\\\{0,8}'(?:[^'\\\\\\n]|\\\\.)*'?`, 'gi'), `$1'${takenOut}'`],
  // `no login with password "…"`.
  [new RegExp(`(${named}[ \\t]{1,8}(?:is |was )?)(?:"[^"\\n]*"|'[^'\\n]*')`, 'gi'), `$1${takenOut}`],
  [new RegExp(`${assigned}(?!["'\\[{\\\\ ])[^\\n&"'<>]+`, 'gi'), `$1${takenOut}`],
]

const begin = '-----BEGIN '
const end = '-----END '
const rule = '-----'

/** A log may hold the end of a block without its beginning, or its beginning without its end: base64 beside either goes, too. */
function withoutPem(text: string): string {
  let rest = text
  for (let at = rest.indexOf(begin); at !== -1; at = rest.indexOf(begin, at)) {
    const next = rest.indexOf(begin, at + begin.length)
    const ended = rest.indexOf(end, at)
    const whole = ended !== -1 && (next === -1 || ended < next)
    const to = whole ? behindRule(rest, ended + end.length) : behindBase64(rest, behindRule(rest, at + begin.length))
    rest = `${rest.slice(0, at)}[PEM taken out]${rest.slice(to)}`
  }
  for (let at = rest.indexOf(end); at !== -1; at = rest.indexOf(end)) {
    let from = at
    while (from > 0 && inPem.test(rest[from - 1] as string)) from -= 1
    rest = `${rest.slice(0, from)}[PEM taken out]${rest.slice(behindRule(rest, at + end.length))}`
  }
  return rest
}

const inPem = /[\w+/=\s|\\:,-]/

function behindRule(text: string, from: number): number {
  const found = text.indexOf(rule, from)
  return found === -1 || found > from + 80 ? from : found + rule.length
}

function behindBase64(text: string, from: number): number {
  let to = from
  while (to < text.length && inPem.test(text[to] as string)) to += 1
  return to
}

/** `text` without what looks like a secret. Rather too much is taken out than too little. */
export const redactText = (text: string): string =>
  rules.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), withoutPem(text))

/** A JSON value in which every text is redacted, and everything that has the name of a secret taken out. */
export function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value)
  if (Array.isArray(value)) return value.map(redactValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      isSecretName(name) && (typeof each === 'string' || typeof each === 'number') ? takenOut : redactValue(each),
    ]),
  )
}

/** Lines of JSON, such as a node's log; a line that is none is redacted as the text it is. */
export const redactLines = (text: string): string =>
  withoutPem(text)
    .split('\n')
    .map((line) => {
      try {
        return line === '' ? line : JSON.stringify(redactValue(JSON.parse(line)))
      } catch {
        return redactText(line)
      }
    })
    .join('\n')
