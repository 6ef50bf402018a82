/** The operations that Java WS Core's and gCube's operation providers add to a service. */
const operations: Readonly<Record<string, readonly string[]>> = {
  GetRPProvider: ['getResourceProperty'],
  GetMRPProvider: ['getMultipleResourceProperties'],
  SetRPProvider: ['setResourceProperties'],
  QueryRPProvider: ['queryResourceProperties'],
  DestroyProvider: ['destroy'],
  SetTerminationTimeProvider: ['setTerminationTime'],
  SubscribeProvider: ['subscribe'],
  GetCurrentMessageProvider: ['getCurrentMessage'],
  PauseSubscriptionProvider: ['pauseSubscription'],
  ResumeSubscriptionProvider: ['resumeSubscription'],
}
const ofGcube = [
  'GetRPProvider',
  'GetMRPProvider',
  'SetRPProvider',
  'QueryRPProvider',
  'DestroyProvider',
  'SetTerminationTimeProvider',
]
const groups: Readonly<Record<string, readonly string[]>> = {
  GCUBEProvider: ofGcube,
  GCUBENotificationProvider: [...ofGcube, 'SubscribeProvider', 'GetCurrentMessageProvider'],
}

/**
 * The operations that the providers of a WSDD service add to it, as Java names them (`getResourceProperty`) and as
 * their specifications do (`GetResourceProperty`). A provider is an alias or the name of a class; unknown ones add none.
 *
 * @see gcube.md 2.1 and 3.2
 */
export function providerOperations(providers: readonly string[]): readonly string[] {
  return providers.flatMap((provider) => {
    const name = provider.slice(provider.lastIndexOf('.') + 1)
    const members = Object.hasOwn(groups, name) ? (groups[name] as readonly string[]) : [name]
    return members
      .flatMap((member) => (Object.hasOwn(operations, member) ? (operations[member] as readonly string[]) : []))
      .flatMap((operation) => [operation, operation.charAt(0).toUpperCase() + operation.slice(1)])
  })
}
