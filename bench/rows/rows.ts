import type { Row } from './bench.ts'
import { largeCalls, smallCalls } from './calls.ts'
import { commands } from './commands.ts'
import { deployOfManyFiles } from './deploy.ts'
import { hundredServices } from './hundred.ts'
import { jencodeOfPlainJson } from './jencode.ts'
import { memoryAfterRedeploys, redeployUnderLoad, redeployWithFronts } from './redeploy.ts'
import { fronts, severalPlaces } from './scale.ts'
import { callsOverTls, handshakes } from './tls.ts'

export const rows: readonly Row[] = [
  smallCalls,
  largeCalls,
  callsOverTls,
  handshakes,
  jencodeOfPlainJson,
  deployOfManyFiles,
  commands,
  redeployUnderLoad,
  memoryAfterRedeploys,
  hundredServices,
  redeployWithFronts,
  fronts,
  severalPlaces,
]

/** Figures that the design sets a bar for, and that wait for what they measure. */
export const notYet: readonly { readonly what: string; readonly bar: string; readonly waitsFor: string }[] = [
  { what: 'JSON RPC call, 200 B, none', bar: '1.15', waitsFor: 'system services of the node: no archive runs so' },
  { what: '1 KB SOAP document/literal call, against the bare echo', bar: '2.6', waitsFor: 'SOAP' },
]
