/** What the library offers: attempts to open a data channel, and the channel that an attempt opens. */

/**
 * An open, ordered, reliable message channel. The peer is not authenticated yet.
 * `send` resolves when there is room for more, so awaiting it is the back-pressure; it rejects once the channel is closed.
 * `messages` can be read once; it ends when the other side closes and throws when the channel fails.
 * Unread messages hold the sender back where the data path has flow control.
 */
export interface Channel {
  send(message: Uint8Array): Promise<void>
  readonly messages: AsyncIterable<Uint8Array>
  /** Frees everything below. Safe to call twice. Messages that were not acknowledged within a second may be lost. */
  close(): void
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
}

/**
 * One attempt to open a data channel: a fresh peer connection with a fresh certificate.
 * The offering side calls `offer` then `accept`; the answering side calls `answer`. Candidates trickle both ways
 * and may arrive before the description they belong to.
 */
export interface Attempt {
  offer(): Promise<string>
  answer(offer: string): Promise<string>
  accept(answer: string): Promise<void>
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
