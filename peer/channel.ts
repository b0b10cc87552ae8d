/**
 * The seams of peer/: what a platform (Node agent, browser page) hands in. Protocol code takes these and never a
 * socket, a peer connection or a file of the platform.
 */

import type { Aead } from '../protocol/sealing.ts'

export type { Aead }

/**
 * An open, ordered, reliable message channel that nobody has authenticated yet.
 * `send` resolves when there is room for more, so awaiting it is the back-pressure; it rejects once the channel is closed.
 * `messages` is consumed once; it ends when the other side closes and throws when the channel fails.
 * Delivery waits for the consumer: a slow reader slows the sender down where the transport can.
 */
export interface Channel {
  send(message: Uint8Array): Promise<void>
  readonly messages: AsyncIterable<Uint8Array>
  /** Releases everything below. Safe to call twice. Queued messages may be lost: the protocol ends with its own words. */
  close(): void
}

/** How a channel reaches the other side, for the person to see. */
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

/** The room's socket, already open: text frames are the room's own words, binary frames come from the other seat. */
export interface RoomSocket {
  sendControl(text: string): void
  sendToPeer(message: Uint8Array): void
  /** Ends when the socket closes; `closed` then says why. */
  readonly events: AsyncIterable<RoomEvent>
  close(): void
}

export type RoomEvent =
  | { readonly type: 'control'; readonly text: string }
  | { readonly type: 'peer'; readonly message: Uint8Array }
  | { readonly type: 'closed'; readonly closeCode: number }

/** Cryptographic primitives, handed in so that Node uses node:crypto and a page uses WebCrypto with the same record layer. */
export interface Primitives {
  /** AES-256-GCM (NIST SP 800-38D) under one 32-byte key. */
  aead(key: Uint8Array): Aead
  /** A streaming SHA-256 (FIPS 180-4). */
  sha256(): Digest
  /** CRC-32 (IEEE 802.3) as an unsigned integer; `seed` chains, 0 to begin. */
  crc32(data: Uint8Array, seed: number): number
}

export interface Digest {
  update(data: Uint8Array): void
  digest(): Uint8Array
}

/** Time, handed in so that tests own it. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number
  /** Calls back once after `ms`; returns the cancellation. */
  after(ms: number, call: () => void): () => void
}
