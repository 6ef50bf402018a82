import type { Store } from '../store/store.ts'

/** The store of this node, opened before anything is wired. The type and its token share a name. */
export type NodeStore = Store
export const NodeStore = Symbol('NodeStore')
