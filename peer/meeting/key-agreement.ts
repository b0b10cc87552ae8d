/**
 * The part of the handshake that both sides share (PROTOCOL.md section 3): reading the room, time limits, CPace, and the key schedule.
 * What each side sends and expects is in sender-handshake.ts and receiver-handshake.ts.
 */
import { PROTOCOL_VERSION } from '../../protocol/compatibility.ts'
import { VoltdropError, asVoltdropError } from '../../protocol/errors.ts'
import { startCpace, lengthValue } from '../../protocol/meeting/cpace.ts'
import type { Cpace, CpaceResult } from '../../protocol/meeting/cpace.ts'
import * as messages from '../../protocol/meeting/meeting-messages.ts'
import type { AboutSelf, MeetingMessage, Role } from '../../protocol/meeting/meeting-messages.ts'
import type { Code } from '../../protocol/meeting/phrase.ts'
import { ROOM_WAIT_SECONDS } from '../../protocol/meeting/room-lifetimes.ts'
import type { RoomMessage } from '../../protocol/meeting/room.ts'
import type { RandomBytes } from '../../protocol/random.ts'
import { keySchedule } from '../../protocol/sealing.ts'
import type { KeySchedule } from '../../protocol/sealing.ts'
import type { MeetingEvent, RoomEvents } from './room-events.ts'
import { isCodeSpent, spendCode } from './spent-codes.ts'

/** A room closes by itself when no guest came in time; this limit, so much later, is for a room that does not. */
const ROOM_IS_LATE_MS = 15_000

/** How long after `peer-left` the room may still tell the reason. */
const REASON_WITHIN_MS = 2_000

export type HandshakeOptions = {
  readonly room: RoomEvents
  readonly code: Code
  readonly capabilities: readonly string[]
  readonly random: RandomBytes
  /** How long the room waits, in milliseconds. */
  readonly waitMs?: number | undefined
  /** Called each time both seats are taken. */
  readonly onPaired: () => void
  /** Called each time the other side leaves before a share of it was processed. */
  readonly onPeerLeft?: (() => void) | undefined
  /** Called before a share is processed: what it throws ends the meeting, and the share is not processed. */
  readonly beforeGuess?: (() => void) | undefined
}

export type Agreed = {
  readonly keys: KeySchedule
  readonly peer: AboutSelf
  readonly paired: Extract<RoomMessage, { type: 'paired' }>
}

/** Share and associated data of one side. */
export type Contribution = { readonly share: Uint8Array; readonly associated: Uint8Array }

/** What one side does at each event. */
export interface HandshakeSide {
  /** The meeting begins. */
  onStart(): void
  /** Both seats are taken. */
  onPaired(): void
  onPeerLeft(): void
  /** @returns the keys once both confirmations have been verified. */
  onMessage(message: MeetingMessage): Agreed | undefined
}

export class KeyAgreement {
  readonly options: HandshakeOptions
  /** This side's associated data, ADa or ADb. */
  readonly associated: Uint8Array
  readonly #role: Role
  readonly #channelId: Uint8Array
  #paired: Extract<RoomMessage, { type: 'paired' }> | undefined
  #cancelLimit: () => void = () => {}
  #hasSpentCode = false
  /** The other side has proved that it knows the words. */
  #isConfirmed = false

  constructor(role: Role, options: HandshakeOptions) {
    this.options = options
    this.#role = role
    const { code, capabilities } = options
    this.associated = messages.encodeAboutSelf({ role, version: PROTOCOL_VERSION, capabilities })
    this.#channelId = lengthValue(...['voltdrop v1', String(code.room), 'sender', 'receiver'].map(utf8))
  }

  /** True once a share was processed in this meeting. */
  get hasSpentCode(): boolean {
    return this.#hasSpentCode
  }

  /**
   * Passes the events of the room to `side` until it has keys.
   * @throws VoltdropError `wrong_code`, `code_spent` when the code is spent now (or was before) and nothing tells whether it was wrong,
   * `cancelled`; before that also `incompatible`, `meeting_timeout`, `broken_protocol`, and what the close code of the room means.
   */
  async run(side: HandshakeSide): Promise<Agreed> {
    const { code, room, waitMs = ROOM_WAIT_SECONDS * 1_000 } = this.options
    if (isCodeSpent(code)) throw new VoltdropError('code_spent', 'this code has been used')
    side.onStart()
    const stopWaiting = room.deadline(waitMs + ROOM_IS_LATE_MS, () => new VoltdropError('meeting_timeout'))
    try {
      for (;;) {
        const agreed = this.#handle(await room.next(), side)
        if (agreed) return agreed
      }
    } catch (error) {
      // Telling the room to burn itself is a courtesy: the other side then learns the reason.
      const failure = asVoltdropError(error)
      if (failure.code === 'wrong_code') reportFailed(room)
      throw this.hasSpentCode && !this.#isConfirmed ? spentBy(failure) : failure
    } finally {
      stopWaiting()
      this.#cancelLimit()
    }
  }

  #handle(event: MeetingEvent, side: HandshakeSide): Agreed | undefined {
    switch (event.type) {
      case 'seated':
        if ((event.seat === 'host') === (this.#role === 'sender')) return undefined
        throw new VoltdropError('broken_protocol', 'the room gives the wrong seat')
      case 'paired':
        this.#paired = event
        this.options.onPaired()
        side.onPaired()
        return undefined
      case 'peer-left':
        this.#cancelLimit()
        // A code that is spent cannot be tried with another guest, but the room may still tell why the peer left.
        if (this.hasSpentCode) this.goOnWithin(REASON_WITHIN_MS, 'interrupted')
        else this.options.onPeerLeft?.()
        side.onPeerLeft()
        return undefined
      case 'peer':
        return side.onMessage(this.#parse(event.message))
    }
  }

  #parse(message: Uint8Array): MeetingMessage {
    try {
      return messages.parseMeetingMessage(message)
    } catch (error) {
      // A receiver that is told this version ends as `incompatible` too.
      const otherVersion = asVoltdropError(error).code === 'incompatible'
      if (otherVersion && this.#role === 'sender')
        this.options.room.sendToPeer(messages.encodeVersionRefusal())
      throw error
    }
  }

  /** Draws this side's share. `sessionId` is the nonce of the receiver followed by that of the sender. */
  startCpace(sessionId: Uint8Array): Cpace {
    return startCpace({
      role: this.#role === 'sender' ? 'initiator' : 'responder',
      password: utf8(this.options.code.words.reveal()),
      channelId: this.#channelId,
      sessionId,
      associated: this.associated,
      random: this.options.random,
    })
  }

  /** Processes the peer's share. The code is spent from then on. @throws what `beforeGuess` throws. */
  processShare(run: Cpace, peer: Contribution): CpaceResult {
    this.options.beforeGuess?.()
    this.#hasSpentCode = true
    spendCode(this.options.code)
    return run.finish(peer.share, peer.associated)
  }

  /** @throws VoltdropError `wrong_code` */
  verify(result: CpaceResult, tag: Uint8Array): void {
    if (!result.verify(tag)) throw new VoltdropError('wrong_code')
    this.#isConfirmed = true
  }

  /** The keys, once the peer's confirmation is verified. `a` is the sender's contribution, `b` the receiver's. */
  agreed(isk: Uint8Array, sessionId: Uint8Array, a: Contribution, b: Contribution): Agreed {
    const peer = this.#role === 'sender' ? b : a
    const about = messages.parseAboutSelf(peer.associated, this.#role === 'sender' ? 'receiver' : 'sender')
    if (!this.#paired)
      throw new VoltdropError('broken_protocol', 'the room never reported that both seats are taken')
    const contributions = [a.share, a.associated, b.share, b.associated]
    const keys = keySchedule(isk, lengthValue(this.#channelId, sessionId, ...contributions))
    isk.fill(0)
    return { keys, peer: about, paired: this.#paired }
  }

  /** Ends the meeting with `code` unless it goes on within `ms`. Replaces the limit set before. */
  goOnWithin(ms: number, code: 'interrupted' | 'no_such_room'): void {
    this.#cancelLimit()
    const detail = code === 'interrupted' ? 'the other side does not answer' : undefined
    this.#cancelLimit = this.options.room.deadline(ms, () => new VoltdropError(code, detail))
  }
}

/**
 * What a meeting ends with when it breaks off after a share was processed. The other side may have checked a guess by then, whatever the
 * reason seems to be: an edge that cuts the connection each time could otherwise try one guess after the other.
 */
function spentBy(failure: VoltdropError): VoltdropError {
  if (failure.code === 'wrong_code' || failure.code === 'cancelled') return failure
  return new VoltdropError('code_spent', `the meeting broke off: ${failure.detail ?? failure.message}`, {
    cause: failure,
  })
}

/** A message that its sender may not send now. */
export function outOfOrder(message: MeetingMessage): VoltdropError {
  return new VoltdropError('broken_protocol', `unexpected ${message.type} message`)
}

function reportFailed(room: RoomEvents): void {
  try {
    room.sendToRoom({ type: 'failed' })
  } catch {
    // The socket is closed: then no one else can use the seat either.
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
