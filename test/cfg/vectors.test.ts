import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CfgSection, isSection } from '../../src/cfg/cfg.ts'
import { CfgMalformed } from '../../src/cfg/errors.ts'
import { mergeCfg } from '../../src/cfg/merge-cfg.ts'
import { parseCfg } from '../../src/cfg/parse-cfg.ts'
import { serializeCfg } from '../../src/cfg/serialize-cfg.ts'

interface TreeEntry {
  name: string
  comment: string
  value?: string
  section?: TreeEntry[]
}
interface Vectors {
  cfg: {
    name: string
    text: string
    error?: string
    tree?: TreeEntry[]
    serialized?: string
    reloaded_equal?: boolean
  }[]
  mergeWith: { base: string; with: string; serialized: string }[]
}

const file = new URL('../corpus/dirac-vectors/cfg.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors

const tree = (section: CfgSection): TreeEntry[] =>
  [...section.entries].map(([name, entry]) =>
    isSection(entry)
      ? { name, comment: entry.comment, section: tree(entry) }
      : { name, comment: entry.comment, value: entry.value },
  )

describe('a configuration text, as DIRAC reads it', () => {
  it.each(vectors.cfg.filter((vector) => vector.error === undefined))('$name', (vector) => {
    const read = parseCfg(vector.text)
    expect(tree(read)).toEqual(vector.tree)
    expect(serializeCfg(read)).toBe(vector.serialized)
    const again = parseCfg(serializeCfg(read))
    expect(JSON.stringify(values(again)) === JSON.stringify(values(read))).toBe(vector.reloaded_equal)
  })

  it.each(vectors.cfg.filter((vector) => vector.error !== undefined))('$name is refused', (vector) => {
    expect(() => parseCfg(vector.text)).toThrow(CfgMalformed)
  })
})

describe('merging, as DIRAC merges', () => {
  it.each(vectors.mergeWith)('$base with $with', (vector) => {
    expect(serializeCfg(mergeCfg(parseCfg(vector.base), parseCfg(vector.with)))).toBe(vector.serialized)
  })
})

function values(section: CfgSection): unknown {
  return [...section.entries].map(([name, entry]) => [name, isSection(entry) ? values(entry) : entry.value])
}
