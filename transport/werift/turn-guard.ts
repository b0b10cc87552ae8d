/**
 * What may pass from a TURN server to werift 0.25.2, from the first answer on: its answers, and what peers send through it. Allocations
 * also stay alive when the server's nonce expires: with coturn's defaults a relayed connection would end after 1,000 seconds.
 */
import { answers, asksForNonce, isSameAddress } from '../ice/stun-judge.ts'
import {
  ALLOCATE_METHOD,
  DATA,
  DATA_METHOD,
  LIFETIME,
  readStun,
  REFRESH_METHOD,
  XOR_PEER_ADDRESS,
  type StunMessage,
} from '../ice/stun-message.ts'
import { isChannelData, TurnStream } from '../ice/turn-stream.ts'
import { pendingRequest } from './member-checks.ts'
import type { Address, TurnClient } from './internals.ts'

/**
 * For how long a server may grant an allocation, in seconds: ten minutes by default (RFC 8656 section 3.2), and for short tests less.
 * werift asks again after five sixths of any time, so that with none or almost none it would ask for ever as fast as it is answered, and
 * with more than a timer can count as well.
 */
const MIN_LIFETIME_S = 30
const MAX_LIFETIME_S = 86_400 * 7

const guardedPrototypes = new WeakSet<TurnClient>()
const streams = new WeakMap<TurnClient, TurnStream>()

/** Guards every client that is made from now on, given their prototype: werift makes a client and speaks to its server in one step. */
export function guardTurnClients(prototype: TurnClient): void {
  if (guardedPrototypes.has(prototype)) return
  guardedPrototypes.add(prototype)
  prototype.dataReceived = function receive(data, from) {
    if (this.transport.type === 'udp') {
      if (this.serverEndpoint && isSameAddress(from, this.serverEndpoint)) passMessage(this, data, from)
      return
    }
    const stream = streams.get(this) ?? new TurnStream()
    streams.set(this, stream)
    const messages = stream.push(data)
    for (const message of messages ?? []) passMessage(this, message, from)
    if (!messages) void this.transport.close()
  }
  followNonces(prototype)
}

/** werift would keep the signature of a request that it sends again under another nonce; it covers everything before it. */
function followNonces(prototype: TurnClient): void {
  const { request } = prototype
  prototype.request = function signAgain(message, ...rest) {
    message.attributes = message.attributes.filter(
      ([name]) => name !== 'MESSAGE-INTEGRITY' && name !== 'FINGERPRINT',
    )
    return request.call(this, message, ...rest)
  }
}

/** Ends what is asked of the server now and later: werift would go on asking for 12 s after its socket is closed. */
export function endRequests(turn: TurnClient): void {
  turn.request = () => Promise.reject(new Error('the allocation is closed'))
  for (const transaction of Object.values(turn.transactions)) transaction.cancel()
}

function passMessage(client: TurnClient, datagram: Buffer, server: Address): void {
  // werift knows which peer a channel belongs to and drops the rest.
  if (isChannelData(datagram)) return client.handleChannelData(datagram)
  const message = readStun(datagram)
  if (message && (isPeerData(message) || isAnswer(client, message, server))) {
    client.handleSTUNMessage(message.bytes, server)
  }
}

function isPeerData({ messageClass, method, attributes }: StunMessage): boolean {
  return (
    messageClass === 'indication' &&
    method === DATA_METHOD &&
    attributes.has(XOR_PEER_ADDRESS) &&
    attributes.has(DATA)
  )
}

function isAnswer(client: TurnClient, message: StunMessage, server: Address): boolean {
  if (message.messageClass !== 'success' && message.messageClass !== 'error') return false
  const transaction = client.transactions[message.transactionId]
  if (!transaction) return false
  // With a key set werift would drop the answer because it is not signed.
  if (asksForNonce(message)) delete transaction.integrityKey
  return hasUsableLifetime(message) && answers(message, server, pendingRequest(transaction))
}

/** True for every answer but one that grants an allocation for too short or too long. */
function hasUsableLifetime({ messageClass, method, attributes }: StunMessage): boolean {
  if (messageClass !== 'success' || (method !== ALLOCATE_METHOD && method !== REFRESH_METHOD)) return true
  const value = attributes.get(LIFETIME)
  const seconds = value?.length === 4 ? value.readUInt32BE(0) : 0
  return seconds >= MIN_LIFETIME_S && seconds <= MAX_LIFETIME_S
}
