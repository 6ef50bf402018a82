// The SDK: all that the code of a service may use of dhn.
export { authorization, type Rule } from './authorization.ts'
export type { RemoteCredentials } from './caller.ts'
export { convertToReturnValue } from './convert-to-return-value.ts'
export type { Credential } from './credentials.ts'
export { MultipleCredentialsListener, SimpleCredentialsListener } from './credentials.ts'
export { DhnError, type ErrorData, RemoteError } from './errors.ts'
export { HTTPError } from './http-error.ts'
export { Logger, type LogLevel, logger } from './logger.ts'
export { AddressUnknown, JndiNameUnknown, JndiTypeDiffers, NAL, OutsideNode } from './nal.ts'
export { type OfflineNode, type OfflineNodeOptions, offlineNode } from './offline-node.ts'
export { type HandlerHooks, type OptionValue, RequestHandler } from './request-handler.ts'
export { type ReturnError, type ReturnOk, type ReturnStructure, S_ERROR, S_OK } from './return-structure.ts'
export type {
  ConfigurationTree,
  JndiEntry,
  JndiResource,
  RegisteredRI,
  RequestedState,
  ServiceInfo,
} from './runtime.ts'
export { callService, ServiceClient, type ServiceClientOptions } from './service-client.ts'
export type { ServiceContext, ServiceLifecycle } from './service-lifecycle.ts'
export {
  SharedFull,
  SharedKeyInvalid,
  SharedTtlInvalid,
  SharedValueInvalid,
  SharedValueTooLarge,
} from './shared-errors.ts'
export type { Lease, SharedOptions, SharedState } from './shared-state.ts'
export {
  type gCubeRIStateICallback,
  gCubeStartupManager,
  RegistrationInvalid,
  RiConflict,
  type StartupManager,
} from './startup-manager.ts'
export { TornadoResponse } from './tornado-response.ts'
export { TransitionIllegal } from './transition-illegal.ts'
export { ClassRegistered, Float, PlainDate, registerSerializable, type SerializableOptions } from './wire-values.ts'
