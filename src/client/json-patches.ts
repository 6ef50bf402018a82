/**
 * What one method's arguments or value need beyond JEncode, which has no keys but texts, or what a server expects them as.
 *
 * @see Client.patches
 */
export interface JsonPatch {
  /** The arguments as they are to be sent. */
  // biome-ignore lint/suspicious/noExplicitAny: each method has types of its own
  readonly args?: (args: readonly any[]) => readonly unknown[]
  /** What the caller gets for the value of an S_OK. */
  // biome-ignore lint/suspicious/noExplicitAny: each method has types of its own
  readonly value?: (value: any) => unknown
}

export type JsonPatches = Readonly<Record<string, JsonPatch>>

/** An object with integers as keys, as a Map: on the wire keys are texts. */
export const strToIntDict = <T>(object: Readonly<Record<string, T>>): Map<number, T> =>
  new Map(Object.entries(object).map(([key, value]) => [Number.parseInt(key, 10), value]))

/** As `strToIntDict`, for keys with fractions. */
export const strToFloatDict = <T>(object: Readonly<Record<string, T>>): Map<number, T> =>
  new Map(Object.entries(object).map(([key, value]) => [Number(key), value]))
