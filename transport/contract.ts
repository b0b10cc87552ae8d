/** What the library offers: attempts to open a data channel, and the channel that an attempt opens. */

/**
 * An open, ordered, reliable message channel. The peer is not authenticated yet.
 * `send` resolves when there is room for more, so awaiting it is the back-pressure; it rejects once the channel is closed.
 */
export interface Channel {
  send(message: Uint8Array): Promise<void>
  /** Call it once. Messages that arrived before the call are handed over during it. */
  receive(receiver: ChannelReceiver): void
  /**
   * The receiver is done with a message of `bytes`. Call it for each message: where the data path has flow control, messages that are
   * not consumed fill the receive window, at least 1 MiB, and a full window holds the peer back. Safe to call after the end.
   */
  consumed(bytes: number): void
  /**
   * Frees everything below. Safe to call twice. Messages that were not acknowledged within a second may be lost, so a protocol ends
   * with messages of its own.
   */
  close(): void
}

/** What a channel calls. Neither function may throw. */
export type ChannelReceiver = {
  /** The message belongs to the receiver from now on. */
  readonly onMessage: (message: Uint8Array) => void
  /** Called once, after the last message: with an error when the channel has failed, without when either side has closed it. */
  readonly onEnd: (error: Error | undefined) => void
}

/** How a channel reaches the other side, to be shown to people. */
export type Path = {
  readonly kind: 'direct' | 'relayed'
  readonly protocol: 'udp' | 'tcp'
  /** Round-trip time in milliseconds, where it is known. */
  readonly roundTripMs: number | undefined
}

/** A trickled ICE candidate (RFC 8838): the `candidate:` line and its media section. */
export type Candidate = {
  readonly candidate: string
  readonly sdpMid: string
  readonly sdpMLineIndex: number
}

/** A STUN or TURN server (W3C RTCIceServer). */
export type IceServer = {
  readonly urls: readonly string[]
  readonly username?: string | undefined
  readonly credential?: string | undefined
  /** The name in the server's certificate, where `urls` has its address. */
  readonly serverName?: string | undefined
  /** A TURN server that may be told the peer's own addresses, beside those by which it is known outside: false when absent. */
  readonly mayLearnHosts?: boolean | undefined
}

/** What the caller knows about the peer. */
export type PeerPlace = {
  /** Proved, not concluded from addresses: only then are candidates on the loopback used. */
  readonly onThisHost: boolean
}

/**
 * One attempt to open a data channel: a fresh peer connection with a fresh certificate.
 * The offering side calls `offer` then `accept`; the answering side calls `answer`. Candidates trickle both ways
 * and may arrive before the description they belong to.
 */
export interface Attempt {
  offer(): Promise<string>
  /** Without a `place` the peer counts as being on another host. */
  answer(offer: string, place?: PeerPlace): Promise<string>
  accept(answer: string, place?: PeerPlace): Promise<void>
  addCandidate(candidate: Candidate): void
  /** Resolves when the data channel is open; rejects when the attempt is closed or has failed. Never pending after `close`. */
  readonly opened: Promise<{ channel: Channel; path: () => Path }>
  close(): void
}

/** Starts one attempt. `onCandidate` is called for each local candidate as it is gathered. */
export type StartAttempt = (options: {
  readonly iceServers: readonly IceServer[]
  readonly relayOnly: boolean
  readonly onCandidate: (candidate: Candidate) => void
}) => Attempt
