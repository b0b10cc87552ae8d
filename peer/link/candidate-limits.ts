/** Limits the candidates of one side in one attempt: those that this side sends as well as those that the peer sends. */
import { MAX_CANDIDATES, candidateKind, siftCandidates } from '../../protocol/meeting/sdp.ts'

/** Counts the candidates of one side in one attempt, wherever they come from. */
export class CandidateLimits {
  readonly #counts = { host: 0, reflexive: 0, relayed: 0 }

  /** False for a candidate beyond the limit of its kind. */
  admits(candidate: string): boolean {
    const kind = candidateKind(candidate)
    return ++this.#counts[kind] <= MAX_CANDIDATES[kind]
  }

  /** The description without candidates beyond the limits; the others in it count. */
  sift(sdp: string): string {
    return siftCandidates(sdp, (candidate) => this.admits(candidate))
  }
}
