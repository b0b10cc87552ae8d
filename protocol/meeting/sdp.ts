/**
 * Which SDP and which candidates an agent takes from its peer (PROTOCOL.md section 3): limits, and nothing but one data channel under
 * certificates named by SHA-256. What a platform's own WebRTC stack needs beyond that is for the platform to check.
 */
import * as z from 'zod/mini'

/** Ten times what an agent with one data channel writes. */
const MAX_SDP_CHARACTERS = 12_000

/**
 * Candidates of one side for each attempt, in its description and trickled together: three attempts stay below the 64 frames of a room.
 * Each type has a limit of its own, so that a machine with many addresses still sends its relayed ones, which come last and work most often.
 */
export const MAX_CANDIDATES = { host: 10, reflexive: 5, relayed: 3 } as const
export type CandidateKind = keyof typeof MAX_CANDIDATES

const LINE_END = /\r\n|\r|\n/

/** A session description, whose content `sdpFault` judges. */
export const sdpText = z.string().check(z.maxLength(MAX_SDP_CHARACTERS))

/** One line of printable ASCII (RFC 8839 section 5.1), so that it cannot become a second line of SDP. */
const CANDIDATE = /^candidate:[ -~]{1,500}$/
export const candidateText = z.string().check(z.regex(CANDIDATE))

/** By its type (RFC 8839 section 5.1): an address of the machine itself, one that a server saw, or one of a TURN server. */
export function candidateKind(candidate: string): CandidateKind {
  const [, type] = / typ (host|relay)(?: |$)/.exec(candidate) ?? []
  return type === 'host' ? 'host' : type === 'relay' ? 'relayed' : 'reflexive'
}

/** `sdp` with only those of its candidates that `admits` lets pass; asked once for each, in order. */
export function siftCandidates(sdp: string, admits: (candidate: string) => boolean): string {
  const lines = sdp.split(LINE_END)
  return lines
    .filter((line) => !line.startsWith('a=candidate:') || admits(line.slice('a='.length)))
    .join('\r\n')
}

/**
 * Why `sdp` is not acceptable, or `undefined`. It must have exactly one media section, a data channel's (RFC 8841), and at least one
 * certificate fingerprint, all of them SHA-256 (RFC 8122 section 5). How many candidates count is for `siftCandidates`.
 */
export function sdpFault(sdp: string): string | undefined {
  const lines = sdp.split(LINE_END)
  const media = lines.filter((line) => line.startsWith('m='))
  if (media.length !== 1 || !media[0]?.startsWith('m=application ')) {
    return 'its SDP describes something other than one data channel'
  }
  const fingerprints = lines.filter((line) => line.toLowerCase().startsWith('a=fingerprint:'))
  const sha256 = /^a=fingerprint:sha-256 [0-9a-f]{2}(:[0-9a-f]{2}){31}$/i
  if (fingerprints.length === 0 || !fingerprints.every((line) => sha256.test(line))) {
    return 'its SDP has no SHA-256 fingerprint, or one of another kind'
  }
  const candidates = lines.filter((line) => line.startsWith('a=candidate:'))
  if (!candidates.every((line) => CANDIDATE.test(line.slice('a='.length)))) {
    return 'its SDP has a candidate that is too long or not printable'
  }
  return undefined
}
