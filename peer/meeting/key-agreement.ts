/**
 * The first half of a meeting (PROTOCOL.md section 3): from a room and the words of a code to a key that only the other side can have.
 * One processed share spends the code, whatever comes of it; after that it is refused here, whoever asks.
 */
import { startCpace, lengthValue } from '../../protocol/meeting/cpace.ts'
import type { Cpace, CpaceResult } from '../../protocol/meeting/cpace.ts'
import { VoltdropError, asVoltdropError } from '../../protocol/errors.ts'
import { PROTOCOL_VERSION } from '../../protocol/compatibility.ts'
import * as messages from '../../protocol/meeting/meeting-messages.ts'
import type { AboutSelf, MeetingMessage, Role } from '../../protocol/meeting/meeting-messages.ts'
import type { Code } from '../../protocol/meeting/phrase.ts'
import type { RandomBytes } from '../../protocol/random.ts'
import type { RoomMessage } from '../../protocol/meeting/room.ts'
import { keySchedule } from '../../protocol/sealing.ts'
import type { KeySchedule } from '../../protocol/sealing.ts'
import type { Secret } from '../../protocol/secret.ts'
import type { MeetingEvent, RoomEvents } from './room-events.ts'

/** A room waits 10 minutes for a guest and says so itself; this is for rooms that do not. */
const WAITING_MS = 615_000

/** From both seats taken to a confirmed key, as in the room: the time a sender has for a guest. */
const CONFIRMING_MS = 60_000

/**
 * A receiver comes to somebody who waits already and whose program answers by itself: a sender that is not in the room, or does not
 * answer, for this long is gone. It may have been cut off from the room and be on its way back.
 */
const SENDER_WITHIN_MS = 12_000

/** How long the room's reason may follow the news that the other side has left. */
const REASON_WITHIN_MS = 2_000

export type HandshakeOptions = {
  readonly room: RoomEvents
  readonly code: Code
  readonly capabilities: readonly string[]
  readonly random: RandomBytes
  /** Called each time both seats are taken: somebody has come. */
  readonly onPaired: () => void
}

export type Agreed = {
  readonly keys: KeySchedule
  readonly peer: AboutSelf
  readonly paired: Extract<RoomMessage, { type: 'paired' }>
}

/** Codes of which a share was processed. The words object itself is the mark, so nothing secret is kept. */
const spentCodes = new WeakSet<Secret>()

/**
 * Waits for the receiver and agrees on keys with whoever knows the words.
 * @throws VoltdropError `wrong_code` when the code is spent now (or was before), `incompatible`, `meeting_timeout`, `broken_protocol`,
 * and what the room's closing stands for.
 */
export function handshakeAsSender(options: HandshakeOptions): Promise<Agreed> {
  return new SenderHandshake(options).run()
}

/** The receiver's side; fails as `handshakeAsSender` does. */
export function handshakeAsReceiver(options: HandshakeOptions): Promise<Agreed> {
  return new ReceiverHandshake(options).run()
}

abstract class Handshake {
  protected readonly options: HandshakeOptions
  protected readonly associated: Uint8Array
  readonly #role: Role
  readonly #channelId: Uint8Array
  #paired: Extract<RoomMessage, { type: 'paired' }> | undefined
  #withdrawLimit: () => void = () => {}
  #spent = false

  constructor(role: Role, options: HandshakeOptions) {
    this.options = options
    this.#role = role
    const { code, capabilities } = options
    this.associated = messages.encodeAboutSelf({ role, version: PROTOCOL_VERSION, capabilities })
    this.#channelId = lengthValue(...['voltdrop v1', String(code.room), 'sender', 'receiver'].map(utf8))
  }

  async run(): Promise<Agreed> {
    const { code, room } = this.options
    if (spentCodes.has(code.words)) throw new VoltdropError('wrong_code', 'this code has been used')
    this.onSeat()
    const stopWaiting = room.deadline(WAITING_MS, () => new VoltdropError('meeting_timeout'))
    try {
      for (;;) {
        const agreed = this.#handle(await room.next())
        if (agreed) return agreed
      }
    } catch (error) {
      // The room is told to burn itself: a courtesy, so that the other side learns the reason.
      if (asVoltdropError(error).code === 'wrong_code') sayQuietly(room, 'failed')
      throw error
    } finally {
      stopWaiting()
      this.#withdrawLimit()
    }
  }

  #handle(event: MeetingEvent): Agreed | undefined {
    switch (event.type) {
      case 'seated':
        if ((event.seat === 'host') === (this.#role === 'sender')) return undefined
        throw new VoltdropError('broken_protocol', 'the room gives the wrong seat')
      case 'paired':
        this.#paired = event
        this.options.onPaired()
        this.onPaired()
        return undefined
      case 'peer-left':
        this.#withdrawLimit()
        // After a processed share there is no second beginning; but the room may still say why the other side left.
        if (this.hasSpentCode) this.goOnWithin(REASON_WITHIN_MS, 'interrupted')
        this.onPeerLeft()
        return undefined
      case 'peer':
        return this.onMessage(this.#parse(event.message))
    }
  }

  #parse(message: Uint8Array): MeetingMessage {
    try {
      return messages.parseMeetingMessage(message)
    } catch (error) {
      // Told which version this is, the other side ends as `incompatible` too.
      const otherVersion = asVoltdropError(error).code === 'incompatible'
      if (otherVersion && this.#role === 'sender')
        this.options.room.sendToPeer(messages.encodeVersionRefusal())
      throw error
    }
  }

  protected abstract onSeat(): void
  protected abstract onPaired(): void
  protected abstract onPeerLeft(): void
  protected abstract onMessage(message: MeetingMessage): Agreed | undefined

  protected get hasSpentCode(): boolean {
    return this.#spent
  }

  protected startCpace(sessionId: Uint8Array): Cpace {
    return startCpace({
      role: this.#role === 'sender' ? 'initiator' : 'responder',
      password: utf8(this.options.code.words.reveal()),
      channelId: this.#channelId,
      sessionId,
      associated: this.associated,
      random: this.options.random,
    })
  }

  /** Processes the peer's share: from here on the code is spent. */
  protected spendCode(run: Cpace, share: Uint8Array, associated: Uint8Array): CpaceResult {
    this.#spent = true
    spentCodes.add(this.options.code.words)
    return run.finish(share, associated)
  }

  /** What follows from a verified confirmation. `a` and `b` are share and associated data of sender and receiver. */
  protected agreed(isk: Uint8Array, sessionId: Uint8Array, a: Contribution, b: Contribution): Agreed {
    const peer = this.#role === 'sender' ? b : a
    const about = messages.parseAboutSelf(peer.associated, this.#role === 'sender' ? 'receiver' : 'sender')
    if (!this.#paired)
      throw new VoltdropError('broken_protocol', 'the room never said that the other side came')
    const contributions = [a.share, a.associated, b.share, b.associated]
    const keys = keySchedule(isk, lengthValue(this.#channelId, sessionId, ...contributions))
    isk.fill(0)
    return { keys, peer: about, paired: this.#paired }
  }

  /** The meeting ends with `code` unless it goes on within `ms`; replaces the limit before. */
  protected goOnWithin(ms: number, code: 'meeting_timeout' | 'interrupted' | 'no_such_room'): void {
    this.#withdrawLimit()
    this.#withdrawLimit = this.options.room.deadline(ms, () => new VoltdropError(code))
  }
}

type Contribution = { readonly share: Uint8Array; readonly associated: Uint8Array }

class SenderHandshake extends Handshake {
  #run: { readonly cpace: Cpace; readonly sessionId: Uint8Array } | undefined

  constructor(options: HandshakeOptions) {
    super('sender', options)
  }

  /** The room says when its time is up. */
  protected onSeat(): void {}

  /** A new guest gets a new share: one that was sent to somebody else is never used again. */
  protected onPaired(): void {
    this.goOnWithin(CONFIRMING_MS, 'meeting_timeout')
    this.#run = undefined
  }

  protected onPeerLeft(): void {
    this.#run = undefined
  }

  protected onMessage(message: MeetingMessage): Agreed | undefined {
    if (message.type === 'join') {
      this.#answerJoin(message.nonce)
      return undefined
    }
    if (message.type !== 'share-b' || !this.#run) throw outOfOrder(message)
    const { cpace, sessionId } = this.#run
    const result = this.spendCode(cpace, message.share, message.associated)
    if (!result.verify(message.tag)) throw new VoltdropError('wrong_code')
    const own = { share: cpace.share, associated: this.associated }
    const agreed = this.agreed(result.isk, sessionId, own, message)
    this.options.room.sendToPeer(messages.encodeConfirm(result.ownTag))
    this.options.room.say({ type: 'met' })
    return agreed
  }

  /** A second join of the same guest changes nothing. */
  #answerJoin(receiverNonce: Uint8Array): void {
    if (this.#run) return
    const nonce = this.options.random(messages.SESSION_NONCE_BYTES)
    const sessionId = Uint8Array.of(...receiverNonce, ...nonce)
    this.#run = { cpace: this.startCpace(sessionId), sessionId }
    this.options.room.sendToPeer(messages.encodeShareA(nonce, this.#run.cpace.share, this.associated))
  }
}

class ReceiverHandshake extends Handshake {
  #nonce: Uint8Array | undefined
  #unconfirmed: { result: CpaceResult; sessionId: Uint8Array; a: Contribution; b: Contribution } | undefined

  constructor(options: HandshakeOptions) {
    super('receiver', options)
  }

  protected onSeat(): void {
    this.goOnWithin(SENDER_WITHIN_MS, 'no_such_room')
  }

  protected onPaired(): void {
    this.goOnWithin(SENDER_WITHIN_MS, 'interrupted')
    if (this.hasSpentCode) return
    this.#nonce = this.options.random(messages.SESSION_NONCE_BYTES)
    this.options.room.sendToPeer(messages.encodeJoin(this.#nonce))
  }

  protected onPeerLeft(): void {
    if (!this.hasSpentCode) this.goOnWithin(SENDER_WITHIN_MS, 'interrupted')
    this.#nonce = undefined
  }

  protected onMessage(message: MeetingMessage): Agreed | undefined {
    if (message.type === 'share-a') {
      this.#answerShare(message)
      return undefined
    }
    if (message.type !== 'confirm' || !this.#unconfirmed) throw outOfOrder(message)
    const { result, sessionId, a, b } = this.#unconfirmed
    if (!result.verify(message.tag)) throw new VoltdropError('wrong_code')
    const agreed = this.agreed(result.isk, sessionId, a, b)
    this.options.room.say({ type: 'met' })
    return agreed
  }

  /** A second share is never processed. */
  #answerShare(message: Extract<MeetingMessage, { type: 'share-a' }>): void {
    if (this.#unconfirmed) return
    if (!this.#nonce) throw outOfOrder(message)
    const sessionId = Uint8Array.of(...this.#nonce, ...message.nonce)
    const cpace = this.startCpace(sessionId)
    const result = this.spendCode(cpace, message.share, message.associated)
    const own = { share: cpace.share, associated: this.associated }
    this.#unconfirmed = { result, sessionId, a: message, b: own }
    this.options.room.sendToPeer(messages.encodeShareB(own.share, own.associated, result.ownTag))
  }
}

function outOfOrder(message: MeetingMessage): VoltdropError {
  return new VoltdropError('broken_protocol', `a ${message.type} message out of turn`)
}

function sayQuietly(room: RoomEvents, type: 'failed'): void {
  try {
    room.say({ type })
  } catch {
    // The socket is already closed: then nobody else can use the room either.
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
