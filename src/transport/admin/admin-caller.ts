/** Who asks something of the admin API, once it is known that he may. */
export type AdminCaller = OwnerAtSocket | Administrator

/** Whoever could open the admin socket: the user who runs the node, or root. */
export interface OwnerAtSocket {
  readonly via: 'socket'
  /** The user id that the socket belongs to; absent where the system has none. */
  readonly uid?: number
}

/** An administrator from afar, with the name of his certificate. */
export interface Administrator {
  readonly via: 'https'
  readonly peer: string
  readonly dn: string
  readonly username?: string
  readonly group?: string
  readonly vo?: string
}
