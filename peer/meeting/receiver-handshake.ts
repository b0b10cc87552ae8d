/** The receiver's side of the handshake, CPace's responder B: it joins, answers share A with its own, and verifies the confirmation. */
import type { CpaceResult } from '../../protocol/meeting/cpace.ts'
import * as messages from '../../protocol/meeting/meeting-messages.ts'
import type { MeetingMessage } from '../../protocol/meeting/meeting-messages.ts'
import { KeyAgreement, outOfOrder } from './key-agreement.ts'
import type { Agreed, Contribution, HandshakeOptions, HandshakeSide } from './key-agreement.ts'

/**
 * The sender is already in the room and its program answers by itself, so one that is absent or silent for this long is gone. The time
 * allows a sender that lost its connection to the room to come back.
 */
const SENDER_WITHIN_MS = 12_000

/** Joins the sender in the room and agrees on keys with it. @throws as `KeyAgreement.run` does. */
export function handshakeAsReceiver(options: HandshakeOptions): Promise<Agreed> {
  const agreement = new KeyAgreement('receiver', options)
  return agreement.run(new ReceiverHandshake(agreement))
}

class ReceiverHandshake implements HandshakeSide {
  readonly #agreement: KeyAgreement
  /** Sent in the join; `undefined` while no share A may come. */
  #nonce: Uint8Array | undefined
  /** Share B has been sent, and the sender's confirmation is awaited. */
  #unconfirmed: { result: CpaceResult; sessionId: Uint8Array; a: Contribution; b: Contribution } | undefined

  constructor(agreement: KeyAgreement) {
    this.#agreement = agreement
  }

  onStart(): void {
    this.#agreement.goOnWithin(SENDER_WITHIN_MS, 'no_such_room')
  }

  onPaired(): void {
    this.#agreement.goOnWithin(SENDER_WITHIN_MS, 'interrupted')
    if (this.#agreement.hasSpentCode) return
    const { options } = this.#agreement
    this.#nonce = options.random(messages.SESSION_NONCE_BYTES)
    options.room.sendToPeer(messages.encodeJoin(this.#nonce))
  }

  onPeerLeft(): void {
    if (!this.#agreement.hasSpentCode) this.#agreement.goOnWithin(SENDER_WITHIN_MS, 'interrupted')
    this.#nonce = undefined
  }

  onMessage(message: MeetingMessage): Agreed | undefined {
    switch (message.type) {
      case 'share-a':
        return this.#sendShare(message)
      case 'confirm':
        return this.#verify(message)
      case 'join':
      case 'share-b':
      case 'sealed':
        throw outOfOrder(message)
    }
  }

  /** A second share is never processed. */
  #sendShare(message: Extract<MeetingMessage, { type: 'share-a' }>): undefined {
    if (this.#unconfirmed) return
    if (!this.#nonce) throw outOfOrder(message)
    const { options, associated } = this.#agreement
    const sessionId = Uint8Array.of(...this.#nonce, ...message.nonce)
    const cpace = this.#agreement.startCpace(sessionId)
    const result = this.#agreement.processShare(cpace, message)
    const own = { share: cpace.share, associated }
    this.#unconfirmed = { result, sessionId, a: message, b: own }
    options.room.sendToPeer(messages.encodeShareB(own.share, own.associated, result.ownTag))
  }

  #verify(message: Extract<MeetingMessage, { type: 'confirm' }>): Agreed {
    if (!this.#unconfirmed) throw outOfOrder(message)
    const { result, sessionId, a, b } = this.#unconfirmed
    this.#agreement.verify(result, message.tag)
    const agreed = this.#agreement.agreed(result.isk, sessionId, a, b)
    this.#agreement.options.room.sendToRoom({ type: 'met' })
    return agreed
  }
}
