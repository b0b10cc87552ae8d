/** One attempt at a data channel and its state, as connect.ts keeps it. */
import type { VoltdropError } from '../../protocol/errors.ts'
import type { Signal } from '../../protocol/meeting/signals.ts'
import type { Attempt, PeerPlace } from '../channel.ts'
import { CandidateLimits } from './candidate-limits.ts'
import type { Link } from './link.ts'

export class RunningAttempt {
  readonly attempt: Attempt
  /** Resolves when the local description was sent: candidates must not be sent before it. */
  readonly described: PromiseWithResolvers<void>
  /** Set when the data channel is open. */
  link: Link | undefined
  /** The answer of the peer has arrived. */
  answered = false
  failed = false
  readonly #remoteCandidates = new CandidateLimits()

  constructor(attempt: Attempt, described: PromiseWithResolvers<void>) {
    this.attempt = attempt
    this.described = described
  }

  /** Answers the peer's offer, of whose candidates those within the limits count. */
  answer(offer: string, place: PeerPlace): Promise<string> {
    return this.attempt.answer(this.#remoteCandidates.sift(offer), place)
  }

  /** Takes the peer's answer as `answer` takes an offer. */
  accept(answer: string, place: PeerPlace): Promise<void> {
    this.answered = true
    return this.attempt.accept(this.#remoteCandidates.sift(answer), place)
  }

  /** Passes on a candidate of the peer, unless it exceeds the limits or the attempt has failed. */
  addCandidate({ candidate, sdpMid, sdpMLineIndex }: Extract<Signal, { type: 'candidate' }>): void {
    if (this.failed || !this.#remoteCandidates.admits(candidate)) return
    this.attempt.addCandidate({ candidate, sdpMid, sdpMLineIndex })
  }

  /** Closes the link, if there is one, and the attempt. Reads and sends of the link fail with `error`. */
  close(error: VoltdropError): void {
    this.link?.abort(error)
    this.attempt.close()
  }
}
