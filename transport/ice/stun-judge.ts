/**
 * Which STUN messages are meant for us: connectivity checks signed with our password, and answers to requests of ours from the
 * address that was asked (RFC 8445 section 7, RFC 8489 section 6.3).
 */
import { isIPv6, SocketAddress } from 'node:net'
import { BINDING_METHOD, errorCode, isSignedWith, USERNAME, type StunMessage } from './stun-message.ts'

export type Address = readonly [host: string, port: number]

/** Of a peer or a STUN server: what every path carries (RFC 8489 section 6.1). Checks have about 100 bytes. */
export const MAX_STUN_BYTES = 1_280

/** A request of ours that waits for its answer. */
export type PendingRequest = {
  readonly method: number
  /** Where it went. */
  readonly address: Address
  /** What the answer has to be signed with; undefined where answers are not signed. */
  readonly key: Uint8Array | undefined
}

/** RFC 8489 section 9.2.5: such an answer brings the nonce to repeat the request with, and is not signed. */
const NONCE_ERRORS = new Set<number | undefined>([401, 438])

/** RFC 8489 section 9.1.5 and RFC 8445 section 7.2.5.1: after these a check is made again, at once. */
const CHECK_AGAIN_ERRORS = new Set<number | undefined>([401, 487])

/** True for a check whose user name begins with `ufrag`, ours, and that is signed with `password`, ours. The cheap test comes first. */
export function isCheckForUs(message: StunMessage, ufrag: string, password: string): boolean {
  if (message.messageClass !== 'request' || message.method !== BINDING_METHOD) return false
  const name = message.attributes.get(USERNAME)
  if (!name || name.toString('latin1', 0, ufrag.length + 1) !== `${ufrag}:`) return false
  return isSignedWith(message, Buffer.from(password))
}

/** True when `message` from `from` answers `request`. */
export function answers(message: StunMessage, from: Address, request: PendingRequest): boolean {
  if (message.method !== request.method || !isSameAddress(from, request.address)) return false
  if (message.messageClass !== 'success' && errorCode(message) === undefined) return false
  return request.key === undefined || isSignedWith(message, request.key)
}

/** True for an answer that asks for another nonce, which nobody has signed. */
export function asksForNonce(message: StunMessage): boolean {
  return (
    message.messageClass === 'error' &&
    message.integrityAt === undefined &&
    NONCE_ERRORS.has(errorCode(message))
  )
}

/** True for an answer to a check that asks for another. */
export function asksToCheckAgain(message: StunMessage): boolean {
  return message.messageClass === 'error' && CHECK_AGAIN_ERRORS.has(errorCode(message))
}

/** Host and port are equal, however an IPv6 address is spelled. */
export function isSameAddress([hostA, portA]: Address, [hostB, portB]: Address): boolean {
  return portA === portB && (hostA === hostB || spelledAlike(hostA) === spelledAlike(hostB))
}

function spelledAlike(host: string): string {
  return isIPv6(host) ? new SocketAddress({ address: host, family: 'ipv6' }).address : host
}
