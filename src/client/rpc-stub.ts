import type { ClientOptions } from './client-options.ts'

/**
 * A call that was made, for making it again: the service as it was named, options under DIRAC's names and in its units
 * (`timeout` is in seconds), method, arguments. It may travel as JEncode, and either client makes the other's calls.
 *
 * No secrets are in it, and neither is the choice of the host certificate: who makes the call again decides what to show.
 */
export type RpcStub = readonly [
  target: readonly [service: string, options: Readonly<Record<string, unknown>>],
  method: string,
  args: readonly unknown[],
]

/** Options that mean something elsewhere, with the type that each must have. */
const kept = {
  setup: 'string',
  VO: 'string',
  delegatedDN: 'string',
  delegatedGroup: 'string',
  proxyLocation: 'string',
  ignoreGateways: 'boolean',
  skipCACheck: 'boolean',
  useAccessToken: 'boolean',
  timeout: 'number',
} as const

export function stubOf(service: string, options: ClientOptions, method: string, args: readonly unknown[]): RpcStub {
  const { timeout } = options
  return [[service, { ...known(options), ...(timeout === undefined ? {} : { timeout: timeout / 1000 }) }], method, args]
}

/** The options of a client that makes the call again. */
export function optionsOf([[, options]]: RpcStub): ClientOptions {
  const { timeout, ...others } = known(options) as ClientOptions
  return { ...others, ...(timeout === undefined ? {} : { timeout: timeout * 1000 }) }
}

function known(options: Readonly<Record<string, unknown>> | ClientOptions): Readonly<Record<string, unknown>> {
  const { extraCredentials } = options
  const isKept = (name: string, value: unknown): boolean => typeof value === kept[name as keyof typeof kept]
  return {
    ...Object.fromEntries(Object.entries(options).filter(([name, value]) => name in kept && isKept(name, value))),
    ...(typeof extraCredentials === 'string' || Array.isArray(extraCredentials) ? { extraCredentials } : {}),
  }
}
