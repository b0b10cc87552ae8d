/** What a session description (RFC 8866) must hold before werift, which accepts any text, may see it; and the attribute that this library adds. */
import { isIP } from 'node:net'
import type { Candidate } from '../contract.ts'
import { MAX_DATAGRAM_BYTES } from '../path/interface-mtu.ts'
import { TransportError } from '../transport-error.ts'
import type { Description } from '../werift/internals.ts'

const MDNS_NAME = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.local$/i

/**
 * Throws `broken_protocol` unless `sdp` has what werift needs and does not check: exactly one media section, a data channel
 * (RFC 8841), with ICE credentials and a SHA-256 fingerprint. How long a description may be is for the caller to limit.
 */
export function checkDescription(sdp: string): void {
  const wanted = [/^m=application \d+ UDP\/DTLS\/SCTP webrtc-datachannel\r?$/m, /^a=ice-ufrag:\S{4,256}\r?$/m]
  wanted.push(/^a=ice-pwd:\S{22,256}\r?$/m, /^a=fingerprint:sha-256 ([0-9a-f]{2}:){31}[0-9a-f]{2}\r?$/im)
  const candidates = sdp.match(/^a=candidate:.*$/gm) ?? []
  const sections = sdp.match(/^m=/gm)?.length
  if (sections !== 1 || !wanted.every((line) => line.test(sdp))) {
    throw new TransportError('broken_protocol', 'the session description is not one of a data channel')
  }
  if (!candidates.every((line) => isUsableCandidate(line.slice(2).trimEnd()))) {
    throw new TransportError(
      'broken_protocol',
      'the session description holds a candidate that is no address',
    )
  }
}

/**
 * True for a candidate line (RFC 8839 section 5.1) whose address is a literal, or a name as browsers make them to hide their
 * addresses (draft-ietf-mmusic-mdns-ice-candidates): any other would have this host resolve a name that a peer chose.
 */
export function isUsableCandidate(line: string): boolean {
  const [, host, port] =
    /^candidate:\S+ 1 (?:udp|tcp) \d+ (\S+) (\d+) typ (?:host|srflx|prflx|relay)\b/i.exec(line) ?? []
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return false
  return (isIP(host) !== 0 && !host.includes('%')) || MDNS_NAME.test(host)
}

/** `sdp` without its candidates and without an end of them, so that all candidates come in by one way; and those candidates. */
export function separateCandidates(sdp: string): { sdp: string; candidates: Candidate[] } {
  const lines = sdp.split(/\r\n|\r|\n/)
  const rest = lines.filter((line) => !/^a=(candidate:|end-of-candidates)/.test(line))
  const sdpMid = /^a=mid:(\S+)/m.exec(sdp)?.[1] ?? '0'
  const candidates = lines
    .filter((line) => line.startsWith('a=candidate:'))
    .map((line) => ({ candidate: line.slice(2).trimEnd(), sdpMid, sdpMLineIndex: 0 }))
  return { sdp: rest.join('\r\n'), candidates }
}

/**
 * `sdp`, an offer or an answer, with a line `a=<attribute>:<bytes> <type>` by which two peers of this library recognize each
 * other: the largest DTLS datagram that the writer takes. Other stacks ignore it; `type` is there because libdatachannel
 * copies the line from an offer into its answer.
 */
export function announceDatagrams({ type, sdp }: Description, attribute: string): string {
  return `${sdp.trimEnd()}\r\na=${attribute}:${MAX_DATAGRAM_BYTES} ${type}\r\n`
}

/** What the peer has announced so, in bytes of UDP payload; undefined for a peer that is another stack. */
export function announcedDatagrams({ type, sdp }: Description, attribute: string): number | undefined {
  const [, digits] = new RegExp(`^a=${attribute}:(\\d{4,5}) ${type}\\r?$`, 'm').exec(sdp) ?? []
  return digits === undefined ? undefined : Math.min(Number(digits), MAX_DATAGRAM_BYTES)
}
