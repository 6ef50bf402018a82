import { type CallAnswer, Client } from './client.ts'
import type { ClientOptions } from './client-options.ts'
import { optionsOf, type RpcStub } from './rpc-stub.ts'

/**
 * Makes a call again: the `rpcStub` of an answer of this client, or of DIRAC's.
 *
 * @param options win over those of the first call, such as the credential that is to be shown now
 */
export function executeRPCStub<T = unknown>(stub: RpcStub, options: ClientOptions = {}): Promise<CallAnswer<T>> {
  const [[service], method, args] = stub
  return new Client(service, { ...optionsOf(stub), ...options }).call<T>(method, args)
}
