/** How a peer connection of werift 0.25.2 is configured. */
import type { ChosenServers } from '../ice/chosen-servers.ts'
import type { RemoteCandidates } from '../ice/remote-candidates.ts'

/** The least that every WebRTC stack takes, and what a path of 1,280 bytes carries: 1191 + DTLS, UDP and IPv6. */
const SCTP_MTU_BYTES = 1_191

/** The largest message accepted from the peer, in bytes. */
export const MAX_RECEIVED_MESSAGE_BYTES = 262_144

/** Seconds. werift waits 5 for STUN and 8 for a TURN connection; with trickled candidates a late one still counts. */
const STUN_TIMEOUT_S = 2
const TURN_CONNECT_TIMEOUT_S = 5

/** The peer's candidates, and the addresses of this host, the best first; none when only a relay may be used. */
export type Candidates = { readonly remote: RemoteCandidates; readonly hosts: string[] }

export function peerConfiguration(servers: ChosenServers, relayOnly: boolean, candidates: Candidates) {
  return {
    iceServers: servers.servers,
    iceTransportPolicy: relayOnly ? ('relay' as const) : ('all' as const),
    iceStunGatherTimeout: STUN_TIMEOUT_S,
    iceTurnConnectTimeout: TURN_CONNECT_TIMEOUT_S,
    turnTlsOptions: servers.tlsName === undefined ? {} : { servername: servers.tlsName },
    // Without a family werift does not look for interfaces itself, and uses only the addresses that it is given.
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: candidates.hosts,
    iceFilterCandidatePair: ({ localCandidate, remoteCandidate }: Pair) =>
      candidates.remote.mayPair(localCandidate, remoteCandidate),
    maxMessageSize: MAX_RECEIVED_MESSAGE_BYTES,
    sctp: { mtu: SCTP_MTU_BYTES },
  }
}

type Endpoint = Parameters<RemoteCandidates['mayPair']>[0]
type Pair = { readonly localCandidate: Endpoint; readonly remoteCandidate: Endpoint }
