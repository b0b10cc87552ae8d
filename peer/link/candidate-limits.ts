/** Limits the candidates of one side in one attempt: those that this side sends as well as those that the peer sends. */
import { MAX_HOST_CANDIDATES, MAX_OTHER_CANDIDATES, isHostCandidate } from '../../protocol/meeting/sdp.ts'

/** Counts the candidates of one side in one attempt. */
export class CandidateLimits {
  #hosts = 0
  #others = 0

  /** False for a candidate beyond the limit of its kind. */
  admits(candidate: string): boolean {
    return isHostCandidate(candidate)
      ? ++this.#hosts <= MAX_HOST_CANDIDATES
      : ++this.#others <= MAX_OTHER_CANDIDATES
  }
}
