import type { ErrorData } from '../service/errors.ts'
import { type AnswerHead, FrameInvalid } from './frames.ts'
import type { PlaceEndpoint, PlaceSpec, PlaceVitals, Registration, RequestedState } from './place.ts'

// A service's process may say anything: what it told is checked before the node goes by it.

type Loose<T> = { readonly [K in keyof T]?: unknown }

/** @throws {FrameInvalid} */
export function registrationFrom(told: unknown, spec: PlaceSpec): Registration {
  const { serviceClass, serviceName, credentials, endpoints } = (told ?? {}) as Loose<Registration>
  const fits =
    typeof serviceClass === 'string' &&
    typeof serviceName === 'string' &&
    (credentials === 'none' || credentials === 'simple' || credentials === 'multiple') &&
    Array.isArray(endpoints) &&
    endpoints.length === spec.services.length
  if (!fits) throw new FrameInvalid('it carried a registration that is none')
  return {
    serviceClass,
    serviceName,
    credentials,
    endpoints: spec.services.map(({ name }, index) => ({
      service: name,
      methods: methodsFrom(endpoints[index]),
      asksOrigin: (endpoints[index] as Loose<PlaceEndpoint>).asksOrigin === true,
      takesVisitors: (endpoints[index] as Loose<PlaceEndpoint>).takesVisitors === true,
      takesTokens: (endpoints[index] as Loose<PlaceEndpoint>).takesTokens === true,
    })),
  }
}

/** @throws {FrameInvalid} */
export function stateFrom(told: unknown): RequestedState {
  if (told !== 'ready' && told !== 'disabled' && told !== 'failed')
    throw new FrameInvalid('it carried a state that is none')
  return told
}

export function errorFrom(told: unknown): ErrorData {
  const { code, message, next, facts } = (told ?? {}) as Loose<ErrorData>
  return {
    code: typeof code === 'string' && /^DHN_[A-Z_]+$/.test(code) ? code : 'DHN_INTERNAL',
    message: typeof message === 'string' ? message : 'the service gave no cause',
    ...(typeof next === 'string' ? { next } : {}),
    ...(typeof facts === 'object' && facts !== null ? { facts: facts as Record<string, unknown> } : {}),
  }
}

export function vitalsFrom({ busy, heap }: { readonly busy?: unknown; readonly heap?: unknown }): PlaceVitals {
  return {
    ...(typeof busy === 'number' && busy >= 0 && busy <= 1 ? { eventLoopUtilization: busy } : {}),
    ...(typeof heap === 'number' && heap >= 0 ? { heapBytes: heap } : {}),
  }
}

/** @throws {FrameInvalid} */
export function headFrom(told: unknown): AnswerHead {
  const { contentType, reason, headers, parts } = (told ?? {}) as Loose<AnswerHead>
  if (typeof contentType !== 'string') throw new FrameInvalid('it carried an answer without a content type')
  const { length } = ((typeof parts === 'object' && parts) || {}) as { readonly length?: unknown }
  return {
    contentType: lineOf(contentType),
    ...(typeof reason === 'string' ? { reason: lineOf(reason) } : {}),
    ...(Array.isArray(headers) ? { headers: headers.flatMap(headerFrom) } : {}),
    ...(parts === undefined ? {} : { parts: Number.isSafeInteger(length) ? { length: length as number } : {} }),
  }
}

/** What the node says itself of each answer, and what belongs to a connection. */
const ownHeaders = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

function headerFrom(told: unknown): [string, string][] {
  const [name, value] = Array.isArray(told) ? (told as unknown[]) : []
  const fits = typeof name === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(name) && typeof value === 'string'
  return fits && !ownHeaders.has(name.toLowerCase()) ? [[name, lineOf(value)]] : []
}

/** As it can stand in the head of an answer: in one line, in ASCII. */
const lineOf = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?')

function methodsFrom(told: unknown): PlaceEndpoint['methods'] {
  const methods = Object.create(null) as Record<string, { rule: readonly string[] | undefined }>
  const offered = (told as Loose<PlaceEndpoint> | undefined)?.methods
  if (typeof offered !== 'object' || offered === null)
    throw new FrameInvalid('it carried a registration without methods')
  for (const [name, method] of Object.entries(offered)) {
    const rule = (method as { rule?: unknown } | null)?.rule
    // A rule that can't be read must never count as none.
    if (rule !== undefined && !(Array.isArray(rule) && rule.every((entry) => typeof entry === 'string'))) {
      throw new FrameInvalid(`it carried a rule of the method ${name} that is no list of texts`)
    }
    methods[name] = { rule: rule as readonly string[] | undefined }
  }
  return methods
}
