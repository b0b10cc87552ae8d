/**
 * The interfaces that a platform (the Node agent, a browser page) implements for peer/. Protocol code uses these, and never a socket,
 * a peer connection or a file of the platform itself.
 */
import type { Aead } from '../protocol/sealing.ts'

export type { Aead }

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

/** How a channel reaches the other side, to be shown to the user. */
export type Path = {
  readonly kind: 'direct' | 'relayed'
  readonly protocol: 'udp' | 'tcp'
  /** Round-trip time in milliseconds, where the transport knows it. */
  readonly roundTripMs: number | undefined
}

/** A trickled ICE candidate (RFC 8838): the `candidate:` line and its media section. */
export type Candidate = {
  readonly candidate: string
  readonly sdpMid: string
  readonly sdpMLineIndex: number
}

/** An ICE server as the edge hands it out or the user names it (W3C RTCIceServer). */
export type IceServer = {
  readonly urls: readonly string[]
  readonly username?: string | undefined
  readonly credential?: string | undefined
  /** The name in the server's certificate, where `urls` has its address. */
  readonly serverName?: string | undefined
  /** A TURN server that may be told the other side's own addresses, beside those by which it is known outside: false when absent. */
  readonly mayLearnHosts?: boolean | undefined
}

/** What is known about where the other side runs. */
export type PeerPlace = {
  /** Proved in the meeting: only then are its candidates on the loopback used. */
  readonly onThisHost: boolean
}

/**
 * One attempt to open a data channel: a fresh peer connection with a fresh certificate.
 * The offering side calls `offer` then `accept`; the answering side calls `answer`. Candidates trickle both ways
 * and may arrive before the description they belong to.
 */
export interface Attempt {
  offer(): Promise<string>
  answer(offer: string, place: PeerPlace): Promise<string>
  accept(answer: string, place: PeerPlace): Promise<void>
  addCandidate(candidate: Candidate): void
  /** Resolves when the data channel is open; rejects when the attempt fails or is closed. Never pending after `close`. */
  readonly opened: Promise<{ channel: Channel; path: () => Path }>
  close(): void
}

/** Starts one attempt. `onCandidate` is called for each local candidate as it is gathered. */
export type StartAttempt = (options: {
  readonly iceServers: readonly IceServer[]
  readonly relayOnly: boolean
  readonly onCandidate: (candidate: Candidate) => void
}) => Attempt

/** The room's socket, already open. Text frames come from the room, binary frames from the other seat. */
export interface RoomSocket {
  sendControl(text: string): void
  sendToPeer(message: Uint8Array): void
  /** For one reader. Ends when the socket closes, after a `closed` event with the reason. */
  readonly events: AsyncIterable<RoomEvent>
  close(): void
}

export type RoomEvent =
  | { readonly type: 'control'; readonly text: string }
  | { readonly type: 'peer'; readonly message: Uint8Array }
  | { readonly type: 'closed'; readonly closeCode: number }

/** Cryptographic primitives: node:crypto in the agent, WebCrypto in a page, under the same record layer. */
export interface Primitives {
  /** AES-256-GCM (NIST SP 800-38D) under one 32-byte key. */
  aead(key: Uint8Array): Aead
  /** A streaming SHA-256 (FIPS 180-4). */
  sha256(): Digest
  /** CRC-32 (IEEE 802.3) as an unsigned integer. `seed` is the CRC-32 of the bytes before `data`, 0 at the start. */
  crc32(data: Uint8Array, seed: number): number
}

export interface Digest {
  update(data: Uint8Array): void
  digest(): Uint8Array
}

/** Time. An interface, so that tests control it. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number
  /** Calls `call` once after `ms`. Returns a function that cancels it. */
  after(ms: number, call: () => void): () => void
}
