/**
 * A meeting: two agents in one room turn the words of a code into keys that nobody else has, and talk sealed from then on
 * (PROTOCOL.md section 3). The room relays; it is never believed.
 */
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
import { handshakeAsReceiver, handshakeAsSender } from './key-agreement.ts'
import type { Agreed } from './key-agreement.ts'
import { RoomEvents } from './room-events.ts'

export type MeetingOptions = {
  /** Open, with a seat asked for; it belongs to the meeting from now on and is closed when the meeting fails. */
  readonly socket: RoomSocket
  readonly code: Code
  readonly primitives: Pick<Primitives, 'aead'>
  readonly clock: Clock
  /** What this side understands beyond version 1; authenticated. */
  readonly capabilities?: readonly string[]
  /** Aborting it ends the meeting, and what it still waits for, with `cancelled`. */
  readonly signal?: AbortSignal
  /** Called when somebody takes the other seat; nothing is known about him yet. */
  readonly onPaired?: () => void
  readonly random?: RandomBytes
}

/** Signals sealed end to end, in order. */
export interface Signals {
  send(signal: Signal): Promise<void>
  /**
   * Read once. Throws VoltdropError `tampered` when a message does not open, `broken_protocol` when it is no signal,
   * and the room's reason (`interrupted`, `edge_unreachable`, ...) when no more can come: an open link does not need the room.
   */
  readonly messages: AsyncIterable<Signal>
}

export interface Meeting {
  readonly role: Role
  readonly signals: Signals
  /** The record keys of one attempt at a connection: each pair is used for one link only. */
  recordKeys(attempt: number): { readonly send: Uint8Array; readonly receive: Uint8Array }
  /** Three words that are the same on both sides exactly when nobody is in the middle. */
  readonly verification: readonly string[]
  /** What the other side understands, authenticated. */
  readonly peerCapabilities: readonly string[]
  /** ICE servers that the edge hands to this pair. */
  readonly iceServers: readonly IceServer[]
  /** Whether a relay is among them. */
  readonly relay: boolean
  /** The password of a later meeting of the same two, 32 bytes: never the words again. */
  readonly resumeKey: Secret<Uint8Array>
  /** Leaves the room. A link that is open stays open. */
  close(): void
}

/**
 * Waits in the room as its host until the receiver has proved that it knows the words.
 * @throws VoltdropError `wrong_code` (the code is spent), `meeting_timeout`, `no_such_room`, `incompatible`, `broken_protocol`,
 * `edge_unreachable`, `interrupted`, `cancelled`.
 */
export function meetAsSender(options: MeetingOptions): Promise<Meeting> {
  return meet('sender', options)
}

/** Meets the sender who waits in the room; fails as `meetAsSender` does. */
export function meetAsReceiver(options: MeetingOptions): Promise<Meeting> {
  return meet('receiver', options)
}

async function meet(role: Role, options: MeetingOptions): Promise<Meeting> {
  const room = new RoomEvents(options.socket, options.clock, options.signal)
  const { code, capabilities = [], random = systemRandom, onPaired = () => {} } = options
  try {
    const handshake = role === 'sender' ? handshakeAsSender : handshakeAsReceiver
    const agreed = await handshake({ room, code, capabilities, random, onPaired })
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
  /** Keeps the order when the cipher is asynchronous. */
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
    this.#lastSent = sent.catch(() => {}) // its own caller learns of it
    return sent
  }

  async *#receive(): AsyncGenerator<Signal> {
    for (;;) {
      const event = await this.#room.next()
      if (event.type === 'peer-left') throw new VoltdropError('interrupted', 'the other side left the room')
      if (event.type !== 'peer') continue
      const message = parseMeetingMessage(event.message)
      // The handshake is over: what belongs to it can only be a repetition and changes nothing.
      if (message.type !== 'sealed') continue
      const { content } = await this.#opener.open(message.record)
      yield parseSignal(content)
    }
  }
}

/** Each word from six bytes: 2^48 over the list's length leaves no bias that matters. */
function verificationWords(key: Uint8Array): readonly string[] {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
  return [0, 6, 12].map((at) => {
    const value = view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2)
    return words[value % words.length] ?? ''
  })
}
