import { bare } from './bare.ts'
import { nodePeer } from './node-peer.ts'
import type { Peer } from './peer.ts'
import { pm2 } from './pm2.ts'
import { tomcat } from './tomcat.ts'
import { tornado } from './tornado.ts'
import { watt } from './watt.ts'

/** Who is measured side by side, and the folder beside this file that has its echo. The bare server isn't a peer, but what they are held against. */
export const peers: readonly { readonly folder: string; readonly peer: Peer }[] = [
  { folder: 'fastify', peer: nodePeer('fastify', 'echo.mjs', ['fastify']) },
  { folder: 'watt', peer: watt },
  { folder: 'pm2', peer: pm2 },
  { folder: 'tomcat', peer: tomcat },
  { folder: 'moleculer', peer: nodePeer('moleculer and moleculer-web', 'echo.cjs', ['moleculer', 'moleculer-web']) },
  { folder: 'express', peer: nodePeer('express, express.json()', 'echo.mjs', ['express']) },
  { folder: 'tornado', peer: tornado },
]

export const measure = { folder: 'bare', peer: bare } as const
