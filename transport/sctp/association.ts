/**
 * One SCTP association over a DTLS pipe (RFC 9260 as RFC 8831 uses it). No I/O: packets come in by `receivePacket`, leave by
 * `host.sendPacket`, and what one event-loop turn has to say (SACKs, data) leaves together at its end.
 */
import { TransportError } from '../transport-error.ts'
import { Cause, encodeCause } from './control-plane.ts'
import { Handshake } from './four-way-handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import { Inbound } from './receive/packet-receiver.ts'
import { type Init, MAX_STREAMS } from './wire/init-chunk.ts'
import type { AssociationOptions, AssociationState, AssociationStats } from './association-options.ts'
import { DEFAULT_RING_CHUNKS } from './send/outstanding-chunks.ts'
import { Outbound } from './send/packet-scheduler.ts'
import { Outlet } from './send/packet-sender.ts'
import { Chunk, MAX_PACKET_BYTES, MIN_PACKET_BYTES } from './wire/packet.ts'
import { effectiveWindow, Receiver } from './receive/data-receiver.ts'
import { Sender } from './send/data-sender.ts'
import { Shutdown } from './shutdown.ts'
import { collectStats } from './association-stats.ts'
import { StreamReset } from './stream-reset.ts'

/** The port that every WebRTC stack announces. */
const WEBRTC_PORT = 5_000
const DEFAULT_ROOM_BYTES = 1_048_576

export class Association {
  state: AssociationState = 'new'
  readonly #sender: Sender
  readonly #options: AssociationOptions
  readonly #outlet: Outlet
  readonly #local: Init
  readonly #handshake: Handshake
  readonly #heartbeat: Heartbeat
  readonly #shutdown: Shutdown
  readonly #inbound: Inbound
  readonly #outbound: Outbound
  // Both exist from the moment that the peer's first TSN is known.
  #receiver: Receiver | undefined
  #streamReset: StreamReset | undefined
  #peer: Init | undefined
  #messagesSent = 0
  #messagesReceived = 0

  constructor(options: AssociationOptions) {
    const { host } = options
    const { localPort = WEBRTC_PORT, remotePort = WEBRTC_PORT } = options
    this.#options = options
    this.#local = {
      tag: randomTag(host.random(4)),
      windowBytes: effectiveWindow(options.receiveWindowBytes, options.maxMessageBytes),
      outgoingStreams: MAX_STREAMS,
      incomingStreams: MAX_STREAMS,
      initialTsn: options.initialTsn ?? Buffer.from(host.random(4)).readUInt32BE(0),
      zeroChecksum: options.zeroChecksum ?? true,
      reconfig: true,
    }
    const maxPacketBytes = packetSize(options.maxPacketBytes)
    const ringChunks = options.ringChunks ?? DEFAULT_RING_CHUNKS
    this.#sender = new Sender(this.#local.initialTsn, ringChunks, maxPacketBytes, options.congestion)
    this.#outlet = new Outlet({
      host,
      localPort,
      remotePort,
      timeoutMs: (backOff) => this.#sender.roundTrip.timeoutMs(backOff),
      fail: (reason, cause) => this.#fail(reason, cause),
    })
    this.#handshake = new Handshake(this.#outlet, this.#local, (peer, rttMs) =>
      this.#onEstablished(peer, rttMs),
    )
    this.#heartbeat = new Heartbeat(this.#outlet, (rttMs) => this.#onHeartbeatAnswer(rttMs))
    this.#shutdown = new Shutdown(
      this.#outlet,
      () => this.#receiver?.cumulativeTsn ?? 0,
      () => this.#end('closed', undefined),
    )
    this.#inbound = new Inbound({
      control: this.#outlet,
      localTag: this.#local.tag,
      localPort,
      remotePort,
      acceptsZeroChecksum: this.#local.zeroChecksum,
      sender: this.#sender,
      handshake: this.#handshake,
      heartbeat: this.#heartbeat,
      shutdown: this.#shutdown,
      onShutdown: () => this.#onShutdown(),
      onAbort: (cause) => this.#onAbort(cause),
      onWork: (isUrgent) => (isUrgent ? this.#outbound.flush() : this.#outbound.schedule()),
    })
    this.#outbound = new Outbound({
      outlet: this.#outlet,
      sender: this.#sender,
      inbound: this.#inbound,
      shutdown: this.#shutdown,
      roomBytes: options.roomBytes ?? DEFAULT_ROOM_BYTES,
      onRoom: () => options.events.onRoom(),
    })
  }

  /** Accepted by `send` and not yet given to a packet, in bytes. */
  get bufferedBytes(): number {
    return this.#sender.queue.bufferedBytes
  }

  get stats(): AssociationStats {
    const sender = this.#sender
    const outlet = this.#outlet
    const inbound = this.#inbound
    const outbound = this.#outbound
    const receiver = this.#receiver
    const messagesSent = this.#messagesSent
    const messagesReceived = this.#messagesReceived
    return collectStats({ sender, outlet, inbound, outbound, receiver, messagesSent, messagesReceived })
  }

  /** Sends the INIT. An association that never connects still answers the peer's. */
  connect(): void {
    if (this.state !== 'new') return
    this.#enter('connecting')
    this.#handshake.start()
  }

  /** Takes one packet, whose memory must not be reused: parts of it may be handed on. Never throws, whatever it holds. */
  receivePacket(packet: Uint8Array): void {
    if (!this.#hasEnded) this.#inbound.onPacket(packet)
    else this.#inbound.onLatePacket(packet)
  }

  /**
   * Accepts a message at once, before the association is open too. `payload` must not change until it has been acknowledged.
   * @throws TransportError `interrupted` once the association is closing or has ended, `internal` for what SCTP cannot send.
   */
  send(streamId: number, ppid: number, payload: Uint8Array, isUnordered = false): void {
    if (this.#hasEnded || this.#shutdown.hasBegun)
      throw new TransportError('interrupted', 'the association is closed')
    if (payload.length === 0) throw new TransportError('internal', 'SCTP has no empty messages')
    if (!this.isWritable(streamId)) throw new TransportError('internal', `stream ${streamId} cannot be used`)
    this.#sender.queue.push(streamId, ppid, payload, isUnordered)
    this.#messagesSent++
    this.#outbound.onQueued()
  }

  /** The peer has this stream, no reset of it is under way, and nothing is closing. */
  isWritable(streamId: number): boolean {
    const isThere = streamId < (this.#peer?.incomingStreams ?? MAX_STREAMS)
    return isThere && !this.#hasEnded && !this.#shutdown.hasBegun && !this.isResetting(streamId)
  }

  /** Our reset of this stream is asked for and not yet confirmed. */
  isResetting(streamId: number): boolean {
    return this.#sender.queue.isResetting(streamId)
  }

  /** The application has dealt with a message of `bytes` that `onMessage` gave it: the receive window opens. */
  consumed(bytes: number): void {
    if (this.#receiver?.consumed(bytes) === true && !this.#hasEnded) this.#inbound.demandSack()
  }

  /** Resets our side of a stream after everything sent on it has been acknowledged. `onResetDone` tells the outcome. */
  resetStream(streamId: number): void {
    const stream = this.#sender.queue.stream(streamId)
    if (stream.isResetting || this.#hasEnded) return
    stream.isResetting = true
    this.#streamReset?.want(streamId)
  }

  /** Orderly end: what was accepted still arrives, then both sides are `closed`. */
  close(): void {
    if (this.#hasEnded) return
    if (!this.#handshake.isEstablished) {
      this.#end('closed', undefined)
      return
    }
    this.#shutdown.begin()
    this.#enter('closing')
    this.#outbound.schedule()
  }

  /** Ends at once and tells the peer. What is under way is lost. */
  abort(): void {
    if (this.#hasEnded) return
    if (this.#peer !== undefined)
      this.#outlet.sendChunk(Chunk.abort, encodeCause(Cause.userAbort, Buffer.alloc(0)))
    this.#end('closed', undefined)
  }

  /** What the path takes from now on, SCTP header included. Chunks already cut keep their size. */
  setMaxPacketBytes(maxPacketBytes: number): void {
    this.#sender.setMaxPacketBytes(packetSize(maxPacketBytes))
  }

  /**
   * Sends a packet of that size and reports whether it arrived. One at a time. Padding leaves at once and outside congestion
   * control; data, for peers that may not know padding, as soon as there is that much of it.
   */
  probePath(packetBytes: number, by: 'padding' | 'data', onResult: (arrived: boolean) => void): void {
    const bytes = Math.min(packetBytes, MAX_PACKET_BYTES)
    if (this.#hasEnded || this.#peer === undefined) onResult(false)
    else if (by === 'data') this.#sender.sizeProbe.want(bytes, onResult)
    else this.#heartbeat.probePath(bytes, onResult)
  }

  /** The packets take another path from now on: round trips and congestion are measured afresh. */
  restartPath(): void {
    this.#sender.restart(this.#options.congestion)
  }

  get #hasEnded(): boolean {
    return this.state === 'closed' || this.state === 'failed'
  }

  #onEstablished(peer: Init, rttMs: number): void {
    const options = this.#options
    const sender = this.#sender
    this.#peer = peer
    this.#outlet.peerTag = peer.tag
    this.#outlet.omitsChecksum = this.#local.zeroChecksum && peer.zeroChecksum
    sender.peerWindowBytes = peer.windowBytes
    if (rttMs > 0) sender.roundTrip.sample(rttMs)
    const receiver = new Receiver(
      peer.initialTsn,
      this.#local.windowBytes,
      options.maxMessageBytes,
      (stream, ppid, payload) => {
        this.#messagesReceived++
        if (!this.#hasEnded) options.events.onMessage(stream, ppid, payload)
      },
    )
    const terrain = {
      queue: sender.queue,
      nextTsn: () => sender.ring.nextTsn,
      receivedTsn: () => receiver.cumulativeTsn,
    }
    const streamReset = new StreamReset(this.#outlet, terrain, options.events, this.#local.initialTsn, peer)
    this.#receiver = receiver
    this.#streamReset = streamReset
    this.#inbound.open({ tag: peer.tag, receiver, streamReset })
    this.#heartbeat.start()
    this.#enter('open')
    for (const streamId of sender.queue.resettingStreams()) streamReset.want(streamId)
    this.#outbound.open(receiver)
  }

  #onHeartbeatAnswer(rttMs: number): void {
    this.#sender.roundTrip.sample(rttMs)
    this.#sender.onSignOfLife()
  }

  #onShutdown(): void {
    this.#shutdown.onShutdown()
    if (this.state === 'open') this.#enter('closing')
    this.#outbound.schedule()
  }

  #onAbort(cause: number): void {
    const isPolite = cause === 0 || cause === Cause.userAbort
    const reason = new TransportError(
      'interrupted',
      isPolite ? 'the peer ended the association' : `the peer aborted: cause ${cause}`,
    )
    this.#end(isPolite ? 'closed' : 'failed', reason)
  }

  #fail(reason: TransportError, cause?: number): void {
    if (this.#hasEnded) return
    if (cause !== undefined && this.#peer !== undefined)
      this.#outlet.sendChunk(Chunk.abort, encodeCause(cause, Buffer.alloc(0)))
    this.#end('failed', reason)
  }

  #enter(state: AssociationState, reason?: TransportError): void {
    this.state = state
    this.#options.events.onState(state, reason)
  }

  #end(state: 'closed' | 'failed', reason: TransportError | undefined): void {
    if (this.#hasEnded) return
    for (const part of [this.#handshake, this.#shutdown, this.#inbound, this.#outbound]) part.stop()
    this.#streamReset?.stop()
    this.#sender.queue.clear()
    this.#enter(state, reason)
    this.#heartbeat.stop()
  }
}

function packetSize(maxPacketBytes: number): number {
  return Math.max(MIN_PACKET_BYTES, Math.min(maxPacketBytes, MAX_PACKET_BYTES)) & ~3
}

/** Zero is the tag of nobody. */
function randomTag(bytes: Uint8Array): number {
  return Buffer.from(bytes).readUInt32BE(0) || 1
}
