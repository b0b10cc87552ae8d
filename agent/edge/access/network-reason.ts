/** Why a connection did not come about, in words for people. */
import { errors } from 'undici'

/** By the code of the operating system (errno(3)), the resolver or the HTTP client. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name cannot be looked up now',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_HEADERS_OVERFLOW: 'its answer is too long',
  EPROTO: 'it does not speak TLS; is it http://?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; is it http://?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS; is it http://?',
}

export const NOT_HTTP = 'what answers there is not HTTP'

/** The codes of `error` and of what caused it, the innermost last. */
export function errorCodes(error: unknown): string[] {
  const codes: string[] = []
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') codes.push(cause.code)
    // A name with several addresses: the first failure stands for all.
    if (cause instanceof AggregateError) codes.push(...errorCodes(cause.errors[0]))
  }
  return codes
}

/** `undefined` when nothing better than "it does not answer" can be said. */
export function networkReason(error: unknown): string | undefined {
  const messages: string[] = []
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof errors.HTTPParserError) return NOT_HTTP
    messages.push(cause.message)
  }
  // The Fetch standard, section "Port blocking"; it has no code.
  if (messages.includes('bad port')) return 'no HTTP client uses that port; choose another'
  return errorCodes(error)
    .map((code) => reasons[code])
    .findLast((reason) => reason !== undefined)
}
