/** How many candidates of one side count for one attempt: the same limits for what is told to the peer and for what it tells. */
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
