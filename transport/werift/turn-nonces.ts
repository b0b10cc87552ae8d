/**
 * Keeps a TURN allocation of werift 0.25.2 alive when the server's nonce expires: with coturn's defaults a relayed connection
 * would end after 1,000 seconds.
 */
import type { StunMessage, TurnClient } from './internals.ts'

// RFC 8489 section 9.2.5: such answers carry a new nonce to repeat the request with, and need not be signed.
const UNAUTHENTICATED = 401
const STALE_NONCE = 438

const ERROR_RESPONSE = 0x110

/** Passes unsigned 401 and 438 answers on to the request they belong to, and signs a retransmitted request again. */
export function followNonces(turn: TurnClient, parse: (datagram: Buffer) => StunMessage | undefined): void {
  const handle = turn.handleSTUNMessage.bind(turn)
  turn.handleSTUNMessage = (datagram, from) => {
    const message = parse(datagram)
    if (message && asksForNonce(message)) {
      const transaction = turn.transactions[message.transactionIdHex]
      // With the key set werift drops the answer because it is not signed. It still has to come from the server's address.
      if (transaction) delete transaction.integrityKey
    }
    handle(datagram, from)
  }
  const request = turn.request.bind(turn)
  turn.request = (message, ...rest) => {
    // A signature covers everything before it, and werift would keep the old one.
    message.attributes = message.attributes.filter(
      ([name]) => name !== 'MESSAGE-INTEGRITY' && name !== 'FINGERPRINT',
    )
    return request(message, ...rest)
  }
}

/** Ends what is asked of the server now and later: werift would go on asking for 12 s after its socket is closed. */
export function endRequests(turn: TurnClient): void {
  turn.request = () => Promise.reject(new Error('the allocation is closed'))
  for (const transaction of Object.values(turn.transactions)) transaction.cancel()
}

function asksForNonce(message: StunMessage): boolean {
  if (message.messageClass !== ERROR_RESPONSE || message.attributesKeys.includes('MESSAGE-INTEGRITY'))
    return false
  const code: unknown = message.getAttributeValue('ERROR-CODE')
  return Array.isArray(code) && (code[0] === UNAUTHENTICATED || code[0] === STALE_NONCE)
}
