/**
 * A meeting: two agents that know the same code agree on secret keys through a room, then exchange sealed signals to open a data channel
 * (PROTOCOL.md sections 1 to 3).
 *
 *  receiver (guest)                     room                      sender (host)
 *     |<------------ paired ------------- | ------------- paired ------------->|
 *     |                                   |                                    |
 *     |== join {nonce} =======================================================>|
 *     |<======================================== share A {nonce, Ya, ADa} =====|
 *     |== share B {Yb, ADb, Tb} ==============================================>|  verifies Tb, or burns the code
 *     |<======================================== confirm {Ta} =================|
 *     |  verifies Ta, or burns the code   |                                    |
 *     |------------- met ---------------> | <------------- met ----------------|
 *     |                                   |                                    |
 *     |<================ sealed: offer, answer, candidates ===================>|  see ../link/connect.ts
 *
 * A double line passes through the room unread; a single line is between an agent and the room.
 *
 * Trust: each side trusts only a peer that proves by CPace that it knows the words of the code. The words themselves are never sent.
 * The room is not trusted: it relays, and may drop, delay, change or invent anything. The most that it or a wrong guest can do is to make
 * the meeting fail, or to guess the words once against each side, which burns the code there (spent-codes.ts).
 */
import { bytesToHex } from '@noble/hashes/utils.js'
import { VoltdropError, asVoltdropError } from '../../protocol/errors.ts'
import { SEALED_TYPE, parseMeetingMessage } from '../../protocol/meeting/meeting-messages.ts'
import type { Role } from '../../protocol/meeting/meeting-messages.ts'
import type { Code } from '../../protocol/meeting/phrase.ts'
import { systemRandom } from '../../protocol/random.ts'
import type { RandomBytes } from '../../protocol/random.ts'
import { Opener, Sealer } from '../../protocol/sealing.ts'
import { Secret } from '../../protocol/secret.ts'
import { encodeSignal, parseSignal } from '../../protocol/meeting/signals.ts'
import type { Signal } from '../../protocol/meeting/signals.ts'
import { words } from '../../protocol/meeting/words.ts'
import type { Clock, IceServer, Primitives, RoomSocket } from '../channel.ts'
import { handshakeAsReceiver } from './receiver-handshake.ts'
import { handshakeAsSender } from './sender-handshake.ts'
import type { Agreed } from './key-agreement.ts'
import { RoomEvents } from './room-events.ts'

export type MeetingOptions = {
  /** Open, with a seat requested. The meeting owns it from now on, and closes it when the meeting fails. */
  readonly socket: RoomSocket
  readonly code: Code
  readonly primitives: Pick<Primitives, 'aead'>
  readonly clock: Clock
  /** What this side supports beyond version 1. Authenticated. */
  readonly capabilities?: readonly string[]
  /** Aborting it ends the meeting, and whatever still waits for it, with its reason if that is a VoltdropError, else `cancelled`. */
  readonly signal?: AbortSignal
  /** Called when the other seat is taken, by a peer that has proved nothing yet. */
  readonly onPaired?: () => void
  /** Called when that peer leaves without having tried the code. */
  readonly onPeerLeft?: () => void
  /**
   * Called before a share is processed, and so before anything leaves by which the other side could check a guess at the words. What it
   * throws ends the meeting instead. The place to note on disk that the code is spent.
   */
  readonly beforeGuess?: () => void
  /** How long the room waits for its guest, in milliseconds; 10 minutes when it is absent. */
  readonly waitMs?: number
  readonly random?: RandomBytes
}

/** Signals, sealed end to end, in order. */
export interface Signals {
  send(signal: Signal): Promise<void>
  /**
   * For one reader. Throws VoltdropError `tampered` when a message does not open, `broken_protocol` when it is not a signal, and the
   * room's reason (`interrupted`, `edge_unreachable`, ...) when no more can come. A link that is open does not need the room.
   */
  readonly messages: AsyncIterable<Signal>
}

export interface Meeting {
  readonly role: Role
  readonly signals: Signals
  /** The record keys of one attempt at a connection, 32 bytes each. A pair of keys is used for one link only. */
  recordKeys(attempt: number): { readonly send: Uint8Array; readonly receive: Uint8Array }
  /**
   * What each side shows in its signals to prove that it runs on the host named `identity`, which is never sent: a MAC of it under the
   * meeting's keys. Equal to what the peer shows only if both know the same identity; an echo of our own proves nothing.
   */
  hostProofs(identity: string): { readonly own: string; readonly peer: string }
  /** Three words that are the same on both sides unless someone is in the middle. */
  readonly verification: readonly string[]
  /** What the other side supports. Authenticated. */
  readonly peerCapabilities: readonly string[]
  /** ICE servers that the edge gives to this pair. */
  readonly iceServers: readonly IceServer[]
  /** True when a relay is among them. */
  readonly relay: boolean
  /** The password for a later meeting of the same two sides, in place of the words: 32 bytes. */
  readonly resumeKey: Secret<Uint8Array>
  /** Leaves the room. An open link stays open. */
  close(): void
}

/**
 * Waits in the room as its host until a receiver has proved that it knows the words.
 * @throws VoltdropError `wrong_code`, `code_spent` for whatever ends it after a share was processed, `cancelled`; before that also
 * `meeting_timeout`, `no_such_room`, `incompatible`, `broken_protocol`, `edge_unreachable`, `interrupted`.
 */
export function meetAsSender(options: MeetingOptions): Promise<Meeting> {
  return meet('sender', options)
}

/** Meets the sender that waits in the room. Fails as `meetAsSender` does. */
export function meetAsReceiver(options: MeetingOptions): Promise<Meeting> {
  return meet('receiver', options)
}

async function meet(role: Role, options: MeetingOptions): Promise<Meeting> {
  const room = new RoomEvents(options.socket, options.clock, options.signal)
  const { code, waitMs, capabilities = [], random = systemRandom, onPaired = () => {} } = options
  const { onPeerLeft, beforeGuess } = options
  try {
    const handshake = role === 'sender' ? handshakeAsSender : handshakeAsReceiver
    const agreed = await handshake({
      room,
      code,
      waitMs,
      capabilities,
      random,
      onPaired,
      onPeerLeft,
      beforeGuess,
    })
    return meetingOf(role, room, agreed, options.primitives)
  } catch (error) {
    room.close()
    throw asVoltdropError(error)
  }
}

function meetingOf(
  role: Role,
  room: RoomEvents,
  agreed: Agreed,
  primitives: MeetingOptions['primitives'],
): Meeting {
  const { keys, peer, paired } = agreed
  return {
    role,
    signals: new SealedSignals(
      room,
      new Sealer(primitives.aead(keys(`signal ${role}`))),
      new Opener(primitives.aead(keys(`signal ${peer.role}`))),
    ),
    recordKeys: (attempt) => ({
      send: keys(`record ${role} ${attempt}`),
      receive: keys(`record ${peer.role} ${attempt}`),
    }),
    hostProofs: (identity) => ({
      own: bytesToHex(keys(`host ${role} ${identity}`)),
      peer: bytesToHex(keys(`host ${peer.role} ${identity}`)),
    }),
    verification: verificationWords(keys('verify')),
    peerCapabilities: peer.capabilities,
    iceServers: paired.ice_servers,
    relay: paired.relay,
    resumeKey: new Secret(keys('resume')),
    close: () => room.close(),
  }
}

class SealedSignals implements Signals {
  readonly messages: AsyncIterable<Signal>
  readonly #room: RoomEvents
  readonly #sealer: Sealer
  readonly #opener: Opener
  /** Keeps messages in order when the cipher is asynchronous. */
  #lastSent: Promise<void> = Promise.resolve()

  constructor(room: RoomEvents, sealer: Sealer, opener: Opener) {
    this.#room = room
    this.#sealer = sealer
    this.#opener = opener
    this.messages = this.#receive()
  }

  async send(signal: Signal): Promise<void> {
    const sealed = this.#sealer.seal(SEALED_TYPE, encodeSignal(signal))
    const sent = this.#lastSent.then(async () => this.#room.sendToPeer(await sealed))
    this.#lastSent = sent.catch(() => {}) // the caller of this send gets the rejection
    return sent
  }

  async *#receive(): AsyncGenerator<Signal> {
    for (;;) {
      const event = await this.#room.next()
      if (event.type === 'peer-left') throw new VoltdropError('interrupted', 'the other side left the room')
      if (event.type !== 'peer') continue
      const message = parseMeetingMessage(event.message)
      // The handshake is over: its messages can only be repetitions, and change nothing.
      if (message.type !== 'sealed') continue
      const { content } = await this.#opener.open(message.record)
      yield parseSignal(content)
    }
  }
}

/** Each word from six bytes: 2^48 modulo the length of the list has no bias that matters. */
function verificationWords(key: Uint8Array): readonly string[] {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
  return [0, 6, 12].map((at) => {
    const value = view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2)
    return words[value % words.length] ?? ''
  })
}
