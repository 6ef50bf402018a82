import type { CfgSection } from './cfg.ts'
import { CfgConflict } from './errors.ts'
import { mergeCfg } from './merge-cfg.ts'
import { entryAt } from './options.ts'

/** One of the texts that a configuration is made of. In lists the weakest comes first. */
export interface Layer {
  /** A file, or what else the text came from, for people. */
  readonly name: string
  readonly root: CfgSection
  /** It is what a configuration server has said. */
  readonly remote?: true
}

/** Where an option's value comes from. */
export interface Origin {
  readonly file: string
  /** From 1; 0 for a text without lines. */
  readonly line: number
}

export const emptyCfg: CfgSection = { comment: '', line: 0, entries: new Map() }

/**
 * All layers as one configuration; of an option that several have, the last one's value counts.
 *
 * @throws {CfgConflict} a name is an option in one and a section in another
 */
export function mergeLayers(layers: readonly Layer[]): CfgSection {
  let merged = emptyCfg
  for (const [index, layer] of layers.entries()) {
    try {
      merged = mergeCfg(merged, layer.root)
    } catch (error) {
      if (!(error instanceof CfgConflict)) throw error
      const { path } = error
      const places = [originOf(layers.slice(0, index), path), originOf([layer], path)]
      throw new CfgConflict(
        path,
        places.flatMap((place) => (place === undefined ? [] : [placeText(place)])),
      )
    }
  }
  return merged
}

/** Where an option or section stands that counts; undefined when no layer has it. */
export function originOf(layers: readonly Layer[], path: string): Origin | undefined {
  const layer = layers.findLast(({ root }) => entryAt(root, path) !== undefined)
  return layer && { file: layer.name, line: entryAt(layer.root, path)?.line ?? 0 }
}

/** `etc/dhn.cfg, line 5`; the name alone where there are no lines. */
export const placeText = ({ file, line }: Origin): string => (line === 0 ? file : `${file}, line ${line}`)
