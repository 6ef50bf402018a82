import type { Mode } from './archive.ts'

/** Where each live WSDD comes from: the first that is there. A mode never takes the other one's. */
export const wsddPaths: { readonly [mode in Mode]: readonly string[] } = {
  secure: ['server-deploy.wsdd', 'etc/deploy-server.wsdd'],
  open: ['etc/deploy-server.wsdd_NOSEC'],
}

/** Where the live JNDI configuration comes from, in both modes: the first that is there. */
export const jndiPaths: readonly string[] = ['jndi-config-deploy.xml', 'etc/deploy-jndi-config.xml']

/** The files that tell a GAR. */
export const descriptorPaths: readonly string[] = [...wsddPaths.secure, ...wsddPaths.open]

/** What the live descriptors are called in `etc/<GAR ID>/`. */
export const liveNames = {
  secure: 'server-config.wsdd',
  open: 'server-config.wsdd_NOSEC',
  jndi: 'jndi-config.xml',
} as const

/**
 * Fills in the tokens that a descriptor may hold in the place of its own folder and ID.
 *
 * GT4 fills them in the two descriptors at the root only; here in whichever becomes live.
 */
export function fillTokens(text: string, garId: string): string {
  return text.replaceAll('@config.dir@', `etc/${garId}`).replaceAll('@gar.id@', garId)
}
