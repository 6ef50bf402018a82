import type { CredentialFailure } from '../container/refusals.ts'
import { type RefusalCode, type Reply, refuse } from '../container/reply.ts'
import type { RefusedToken } from '../security/token/check-token.ts'
import { type TokenReason, tokenRefusals } from '../security/token/reasons.ts'

const codeOf: Partial<Readonly<Record<TokenReason, RefusalCode>>> = {
  'not-bearer': 'DHN_TOKEN_NOT_BEARER',
  'not-one-header': 'DHN_TOKEN_UNREADABLE',
  'too-long': 'DHN_TOKEN_UNREADABLE',
  malformed: 'DHN_TOKEN_UNREADABLE',
}

/** What who showed it may know: what is wrong with it, and nothing of what is trusted here. */
export function toldOfToken({ reason }: RefusedToken): Reply {
  const { text, told } = tokenRefusals[reason]
  const why = told ? text : 'it can not be verified here'
  return {
    ...refuse(codeOf[reason] ?? 'DHN_TOKEN_REFUSED', `Unauthorized query: the token is refused: ${why}`),
    headers: [['WWW-Authenticate', 'Bearer error="invalid_token"']],
  }
}

/** For the operator. */
export function tokenFailure({ reason, detail, provider }: RefusedToken): CredentialFailure {
  const about = provider === undefined ? '' : `a token of ${provider}: `
  const more = detail === undefined ? '' : ` (${detail})`
  return { check: 'token', reason, message: `${about}${tokenRefusals[reason].text}${more}` }
}
