/** Asks the node to stop and returns at once; safe twice. `compose.ts` says how. The type and its token share a name. */
export type StopSwitch = () => void
export const StopSwitch = Symbol('StopSwitch')
