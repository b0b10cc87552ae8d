/** The sender's side of the handshake, CPace's initiator A: it answers a join with its share, and verifies share B and its confirmation. */
import type { Cpace } from '../../protocol/meeting/cpace.ts'
import * as messages from '../../protocol/meeting/meeting-messages.ts'
import type { MeetingMessage } from '../../protocol/meeting/meeting-messages.ts'
import { KeyAgreement, outOfOrder } from './key-agreement.ts'
import type { Agreed, HandshakeOptions, HandshakeSide } from './key-agreement.ts'

/** Waits for the receiver and agrees on keys with it. @throws as `KeyAgreement.run` does. */
export function handshakeAsSender(options: HandshakeOptions): Promise<Agreed> {
  const agreement = new KeyAgreement('sender', options)
  return agreement.run(new SenderHandshake(agreement))
}

class SenderHandshake implements HandshakeSide {
  readonly #agreement: KeyAgreement
  /** The share that was sent to the present guest. */
  #run: { readonly cpace: Cpace; readonly sessionId: Uint8Array } | undefined

  constructor(agreement: KeyAgreement) {
    this.#agreement = agreement
  }

  /** No limit here: the room tells when its time is up. */
  onStart(): void {}

  /**
   * A new guest gets a new share: one that was sent to another guest is never used again. No limit here either: the room frees the
   * seat of a guest that does not go on, and this side waits for the next one.
   */
  onPaired(): void {
    this.#run = undefined
  }

  onPeerLeft(): void {
    this.#run = undefined
  }

  onMessage(message: MeetingMessage): Agreed | undefined {
    switch (message.type) {
      case 'join':
        return this.#sendShare(message.nonce)
      case 'share-b':
        return this.#confirm(message)
      case 'share-a':
      case 'confirm':
      case 'sealed':
        throw outOfOrder(message)
    }
  }

  /** A second join of the same guest is ignored. */
  #sendShare(receiverNonce: Uint8Array): undefined {
    if (this.#run) return
    const { options, associated } = this.#agreement
    const nonce = options.random(messages.SESSION_NONCE_BYTES)
    const sessionId = Uint8Array.of(...receiverNonce, ...nonce)
    this.#run = { cpace: this.#agreement.startCpace(sessionId), sessionId }
    options.room.sendToPeer(messages.encodeShareA(nonce, this.#run.cpace.share, associated))
  }

  #confirm(message: Extract<MeetingMessage, { type: 'share-b' }>): Agreed {
    if (!this.#run) throw outOfOrder(message)
    const { cpace, sessionId } = this.#run
    const { options, associated } = this.#agreement
    const result = this.#agreement.processShare(cpace, message)
    this.#agreement.verify(result, message.tag)
    const own = { share: cpace.share, associated }
    const agreed = this.#agreement.agreed(result.isk, sessionId, own, message)
    options.room.sendToPeer(messages.encodeConfirm(result.ownTag))
    options.room.sendToRoom({ type: 'met' })
    return agreed
  }
}
