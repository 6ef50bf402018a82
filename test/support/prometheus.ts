/** The samples of a text for Prometheus by their name and labels. Throws where the text isn't as the format wants it. */
export function samplesIn(text: string): ReadonlyMap<string, number> {
  const types = new Map<string, string>()
  const samples = new Map<string, number>()
  let family = ''
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line) ?? []
    if (kind === 'TYPE') {
      if (types.has(name)) throw new Error(`a second family ${name}`)
      types.set(name, rest)
      family = name
    } else if (kind === undefined) {
      const [, series = '', sampled = '', value = ''] =
        /^(([a-z_]+)(?:\{(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})?) (\d+(?:\.\d+)?(?:e[+-]\d+)?)$/.exec(line) ?? []
      if (series === '') throw new Error(`no sample: ${line}`)
      const suffix = types.get(family) === 'histogram' ? /_(bucket|sum|count)$/ : /$^/
      if (sampled.replace(suffix, '') !== family) throw new Error(`${series} is not of the family ${family}`)
      if (samples.has(series)) throw new Error(`${series} comes twice`)
      samples.set(series, Number(value))
    }
  }
  return samples
}
