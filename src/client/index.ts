// `dhn/client`: calls services of dhn and of DIRAC as DIRAC's own clients do.
export {
  Float,
  PlainDate,
  type ReturnError,
  type ReturnOk,
  type ReturnStructure,
  registerSerializable,
  S_ERROR,
  S_OK,
} from '../service/index.ts'
export { type CallAnswer, type CallError, Client } from './client.ts'
export type { ClientOptions } from './client-options.ts'
export { ConfigurationClient, type NewerConfiguration } from './configuration-client.ts'
export { executeRPCStub } from './execute-rpc-stub.ts'
export { type JsonPatch, type JsonPatches, strToFloatDict, strToIntDict } from './json-patches.ts'
export type { RpcStub } from './rpc-stub.ts'
export { ofThisProcess, type Surroundings } from './surroundings.ts'
