const order = Symbol('dhn.keyOrder')

/** Array indices as keys: JavaScript puts these before all others and sorts them. */
const integerLike = /^(?:0|[1-9][0-9]{0,9})$/

/** Whether an object with these keys, in this order, loses the order in JavaScript. */
export function losesOrder(key: string): boolean {
  return integerLike.test(key)
}

/** Whether an object has ever been made to: most services never see one, and then nothing has to be looked for. */
let isKept = false

/** Remembers the order in which the keys of an object stood, where JavaScript would lose it. */
export function keepKeyOrder(object: object, keys: readonly string[]): void {
  isKept = true
  Object.defineProperty(object, order, { value: keys })
}

/** The keys of an object: in the order remembered, those added since behind them; else in JavaScript's order. */
export function keysInOrder(object: object): readonly string[] {
  const keys = Object.keys(object)
  const remembered = (object as { readonly [order]?: readonly string[] })[order]
  if (remembered === undefined) return keys
  const present = new Set(keys)
  const kept = remembered.filter((key) => present.delete(key))
  return [...kept, ...present]
}

export function remembersOrder(object: object): boolean {
  return isKept && order in object
}
