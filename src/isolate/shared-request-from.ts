import { isKey, isPrefix, isTtl, longestValue } from '../service/shared-limits.ts'
import type { SharedRequest } from '../service/shared-request.ts'
import { FrameInvalid } from './frames.ts'

type Field = 'do' | 'key' | 'text' | 'ttl' | 'expected' | 'prefix' | 'name' | 'lease'

/**
 * A request for what is shared, as a service's process has told it. The SDK sends nothing that is refused here.
 *
 * @throws {FrameInvalid}
 */
export function sharedRequestFrom(told: unknown): SharedRequest {
  const request = (told ?? {}) as { readonly [field in Field]?: unknown }
  const { key, text, ttl, expected, prefix, name, lease } = request
  const fits: Record<SharedRequest['do'], () => boolean> = {
    get: () => isText(key, isKey),
    put: () =>
      isText(key, isKey) &&
      isText(text, isValue) &&
      (ttl === undefined || isTtl(ttl as number, 'value')) &&
      (expected === undefined || expected === null || isText(expected, isValue)),
    delete: () => isText(key, isKey),
    keys: () => isText(prefix, isPrefix),
    lease: () => isText(name, isKey) && isTtl(ttl as number, 'lease'),
    renew: () => Number.isSafeInteger(lease),
    release: () => Number.isSafeInteger(lease),
  }
  const what = request.do as SharedRequest['do']
  if (!Object.hasOwn(fits, what) || !fits[what]())
    throw new FrameInvalid('it carried a request for what is shared that is none')
  return request as SharedRequest
}

const isText = (told: unknown, is: (text: string) => boolean): boolean => typeof told === 'string' && is(told)
const isValue = (text: string): boolean => Buffer.byteLength(text) <= longestValue
