import { Certificate } from './certificate.ts'
import { CertificateUnreadable } from './errors.ts'
import { type CertificateName, nameOf } from './refusal.ts'

/** More than a chain may have: one that is too long is told by its beginning. */
const most = 21

/** The certificates of a chain as sent, the caller's own first; null for one that can't be read. For people: nothing is checked. */
export function namesInChain(chain: readonly Buffer[]): readonly (CertificateName | null)[] {
  return chain.slice(0, most).map((der) => {
    try {
      return nameOf(new Certificate(der))
    } catch (error) {
      if (error instanceof CertificateUnreadable) return null
      throw error
    }
  })
}
