import { jdecode } from '../rpc/jencode/decode.ts'
import { isReturnStructure, type ReturnError, type ReturnStructure, S_ERROR } from '../service/return-structure.ts'

interface Answered {
  readonly address: URL
  readonly method: string
  readonly status: number
  readonly reason: string
  readonly text: string
}

const notPermitted = 13
const notImplemented = 38

/** Statuses with which a server says that it has not executed the call. */
const notExecuted = new Set([404, 405, 421, 429, 503])

export const wasNotExecuted = (status: number): boolean => notExecuted.has(status)

/**
 * What a caller gets for an answer with status 200.
 *
 * @see dirac-https.md 4
 */
export function answerOf({ address, text }: Answered): ReturnStructure {
  try {
    const value = jdecode(text)
    if (isReturnStructure(value)) return value
    return S_ERROR(`${address} answered with something else than S_OK or S_ERROR: ${text.slice(0, 200)}`)
  } catch (error) {
    return S_ERROR(`${address} answered with what can't be read: ${(error as Error).message}: ${text.slice(0, 200)}`)
  }
}

/** What a caller gets for any other status: the numbers that DIRAC's clients give, and the words of the server. */
export function failureOf({ address, method, status, reason, text }: Answered): ReturnError {
  const said = errorIn(text)
  if (status === 501) return S_ERROR(notImplemented, `${method} is not implemented`)
  if (status === 401 || status === 403) {
    return S_ERROR(notPermitted, `No access to ${address}${said === undefined ? '' : `: ${said.Message}`}`)
  }
  if (said !== undefined) return said
  const whose = status < 500 ? 'Client' : 'Server'
  const words = status === 404 ? `${address} is not found` : text.slice(0, 1000)
  return S_ERROR(`${status} ${whose} Error: ${reason} for url: ${address}: ${words}`)
}

/** Servers that say S_ERROR beside the status: dhn, and DIRAC's of 2018. */
function errorIn(text: string): ReturnError | undefined {
  try {
    const value = jdecode(text)
    return isReturnStructure(value) && !value.OK ? value : undefined
  } catch {
    return undefined
  }
}
