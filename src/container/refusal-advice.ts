import type { RefusalStep } from '../security/authorization/decision.ts'
import type { RefusalNote } from './refusals.ts'

/** What lets in whom a rule's question refused, if he is to be let in. */
const afterStep: Readonly<Record<RefusalStep, string>> = {
  'no-rule': 'write a rule for it: auth_<method> in the class, or an Authorization section (docs/authorization.md)',
  anonymous: 'he has to come with a certificate; all in the rule would let everybody in',
  'no-rights': 'he has to come with a proxy that inherits his rights, or without a proxy',
  'extra-credentials': 'he has to send a group of his as extraCredentials, or none',
  forwarding: 'if this host may speak for others, give it the property TrustedHost in /Registry/Hosts',
  'host-unknown': 'register the host with this name in /Registry/Hosts',
  'user-unknown': 'register this name in /Registry/Users, and the user in a group',
  'group-unknown': 'write the group into /Registry/Groups, or have him come in another',
  'not-in-group': 'add him to Users of the group in /Registry/Groups, or have him come in another',
  'no-group': 'add him to Users of a group in /Registry/Groups',
  suspended: 'take the VO out of Suspended of this user in /Registry/Users, when it is time to',
  'group-restriction': 'add group:<his group> to the rule, or have him come in a group that it names',
  property: 'give his group one of the properties that the rule names, or change the rule',
  'auth-method': 'change auth-method in the security descriptor: GSITransport and none can be met here',
  'protection-level': 'he has to call over HTTPS, or take the protection-level out of the security descriptor',
  'limited-proxy': 'he has to come with a full proxy',
  authz: 'add him where the authz chain of the security descriptor looks, such as its grid-mapfile',
}

/** What is to be done about a certificate that a check refused. */
const afterCheck: Readonly<Record<string, string>> = {
  path: 'put its CA into the trust directory, if its callers are to be believed; else the caller sends the whole chain',
  strength: 'its owner needs a new one; /DHN/Security/WeakAlgorithms would let it in',
  validity: 'its owner renews it; when he has, compare the clocks of both machines',
  proxy: 'its owner makes another proxy: dhn cert proxy, or voms-proxy-init --rfc',
  token: 'he needs another token: docs/secure.md says which are taken',
  'signing policy': 'install the files of its CA anew, .signing_policy and .namespaces among them',
}

const afterReason: Readonly<Record<string, string>> = {
  'legacy-off-by-default': 'its owner makes an RFC 3820 proxy; /DHN/Security/LegacyProxies would let it in',
  'draft-off-by-default': 'its owner makes an RFC 3820 proxy; /DHN/Security/LegacyProxies would let it in',
  'crl-missing': 'fetch the revocation lists: fetch-crl; /DHN/Security/RevocationLists = if-present does without',
  'crl-expired': 'fetch the revocation lists: fetch-crl',
  'issuer-unknown': 'if its tokens are to be believed, write it into /Resources/IdProviders',
  'key-unknown': 'see var/log/node.log for the keys of its provider; they are asked for again',
  'key-ambiguous': 'its provider names the key in the header of its tokens, kid',
  'wrong-audience': 'compare the audience of the token with that of its entry in /Resources/IdProviders',
  revoked: 'nothing: its CA has taken it back, and its owner needs a new one',
  'revoked-issuer': 'nothing: a CA above it has been taken back',
  'session-reused': 'the caller connects anew, without resuming a TLS session',
  'not-judged': 'see var/log/node.log: it could not be judged, which is this node’s fault',
}

const afterCode: Readonly<Record<string, string>> = {
  DHN_NOT_ADMINISTRATOR: 'list him in /DHN/Security/Administrators, or put him into one of AdministratorGroups',
  DHN_UNAUTHENTICATED: 'he has to come over HTTPS with a certificate',
  DHN_HOST_NOT_SERVED: 'if the node is to be known by this name, say so in /DHN/Host or in its host certificate',
  DHN_CROSS_SITE_REQUEST: 'nothing: a web page asked, in the name of whoever looked at it',
  DHN_CONTENT_TYPE_REFUSED: 'nothing: a form could have sent it; programs name application/json',
  DHN_DISABLED: 'let calls in again: dhn ri enable',
  DHN_FAILED: 'see why it failed: dhn ri show',
  DHN_METHOD_UNKNOWN: 'see which methods it has: dhn inspect',
  DHN_SERVICE_NOT_HERE: 'compare the address with those that are served: dhn list',
  DHN_NOT_POSTED: 'calls of a service are POSTs of a form: docs/wire.md',
  DHN_FORM_UNREADABLE: 'the body is a form with the field method, in UTF-8: docs/wire.md',
  DHN_BODY_DAMAGED: 'the caller compresses the body as its Content-Encoding says, or not at all',
  DHN_BODY_TOO_LONG: 'send less in one call, or raise /DHN/HTTP/BodyLimit',
  DHN_ENCODING_UNKNOWN: 'the caller sends the body plain or with gzip',
  DHN_EXPECTATION_UNKNOWN: 'the caller expects 100-continue, or nothing',
  DHN_HEADERS_TOO_LONG: '/DHN/HTTP/HeaderLimit and HeaderCount are the limits; a proxy before this node may add some',
  DHN_HOSTS_DIFFER: 'the caller, or a proxy before this node, sends one Host header',
  DHN_CODING_UNKNOWN: 'the caller, or a proxy before this node, sends chunked or a length',
  DHN_HTTP_VERSION_UNKNOWN: 'the caller, or a proxy before this node, speaks HTTP/1.1',
  DHN_NOT_HTTP: 'see what is at that address: it sent no HTTP/1.1; HTTPS at the port of plain HTTP looks so',
  DHN_REQUEST_TOO_SLOW: 'see the network of the caller; /DHN/HTTP/HeadersTimeout and RequestTimeout are the limits',
  DHN_METRICS_FORBIDDEN: 'let this address read them: /DHN/Metrics/Allow',
  DHN_CALL_UNANSWERED: 'see var/log/node.log: this is a fault of the node',
  DHN_OVERLOADED: 'see what keeps it busy: dhn ri flight; /DHN/Limits has its limits',
}

/** What the operator can do about a refusal, in a sentence. */
export function nextStep({ kind, code, rule, credential }: RefusalNote): string {
  if (kind === 'request') return afterCode[code] ?? 'nothing: the caller sends it as it should be'
  const failed = credential?.failed
  if (failed !== undefined)
    return afterReason[failed.reason] ?? afterCheck[failed.check ?? ''] ?? 'its owner needs a new certificate'
  // Administrators are listed elsewhere than those who may call.
  const isListed = kind === 'admin' && (rule?.step === 'not-in-group' || rule?.step === 'anonymous')
  if (rule !== undefined && !isListed) return afterStep[rule.step]
  return afterCode[code] ?? 'the caller tries again later'
}
