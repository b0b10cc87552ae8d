/**
 * One SCTP association over DTLS (RFC 9260 as RFC 8831 uses it). It does no I/O of its own: packets pass through the layer below,
 * time and chance come from the runtime, and all that one turn of the event loop produces (SACKs, data) leaves together at its end.
 */
import { TransportError } from '../transport-error.ts'
import type { AssociationOptions, AssociationState } from './association-options.ts'
import { type AssociationStats, collectStats } from './association-stats.ts'
import { FourWayHandshake } from './four-way-handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import { DataReceiver, effectiveWindow } from './receive/data-receiver.ts'
import { PacketReceiver } from './receive/packet-receiver.ts'
import { SackSchedule } from './receive/sack-schedule.ts'
import { DataSender } from './send/data-sender.ts'
import { PacketScheduler } from './send/packet-scheduler.ts'
import { PacketSender } from './send/packet-sender.ts'
import { Shutdown } from './shutdown.ts'
import { StreamReset } from './stream-reset.ts'
import { Timers } from './timers.ts'
import { Tracer } from './trace.ts'
import { encodeAbort, ErrorCause } from './wire/error-chunk.ts'
import { type Init, MAX_STREAMS } from './wire/init-chunk.ts'
import { MAX_PACKET_BYTES, usablePacketBytes } from './wire/packet.ts'

/** The port that every WebRTC stack announces (RFC 8841). */
const WEBRTC_PORT = 5_000

export class Association {
  state: AssociationState = 'new'
  readonly #options: AssociationOptions
  readonly #local: Init
  readonly #timers: Timers
  readonly #tracer: Tracer | undefined
  readonly #sender: DataSender
  readonly #packetSender: PacketSender
  readonly #handshake: FourWayHandshake
  readonly #heartbeat: Heartbeat
  readonly #shutdown: Shutdown
  readonly #sackSchedule: SackSchedule
  readonly #packetReceiver: PacketReceiver
  readonly #scheduler: PacketScheduler
  // Both exist once the peer's first TSN is known.
  #receiver: DataReceiver | undefined
  #streamReset: StreamReset | undefined
  #peer: Init | undefined
  #messagesSent = 0
  #messagesReceived = 0

  constructor(options: AssociationOptions) {
    const { lower, runtime, trace, localPort = WEBRTC_PORT, remotePort = WEBRTC_PORT } = options
    const ports = { localPort, remotePort }
    const local = localInit(options)
    const timers = new Timers(runtime)
    const packetBytes = usablePacketBytes(options.maxPacketBytes)
    const sender = new DataSender(local.initialTsn, options.ringChunks, packetBytes, options.congestion)
    const { roundTrip } = sender
    const tracer = trace && new Tracer(trace, runtime, sender)
    sender.setTracer(tracer)
    const packetSender = new PacketSender({
      lower,
      runtime,
      timers,
      roundTrip,
      ...ports,
      fail: (reason, cause) => this.#fail(reason, cause),
    })
    const shutdown = new Shutdown(
      packetSender,
      () => this.#receiver?.cumulativeTsn ?? 0,
      () => this.#end('closed', undefined),
    )
    const sackSchedule = new SackSchedule(runtime, timers, roundTrip, (isUrgent) =>
      isUrgent ? this.#scheduler.flush() : this.#scheduler.schedule(),
    )
    const shared = { sender, sackSchedule, shutdown, tracer }
    this.#options = options
    this.#local = local
    this.#timers = timers
    this.#tracer = tracer
    this.#sender = sender
    this.#packetSender = packetSender
    this.#shutdown = shutdown
    this.#sackSchedule = sackSchedule
    this.#handshake = new FourWayHandshake(packetSender, local, (peer, rttMs) =>
      this.#onEstablished(peer, rttMs),
    )
    this.#heartbeat = new Heartbeat(packetSender, (rttMs) => sender.onHeartbeatAnswer(rttMs))
    this.#packetReceiver = new PacketReceiver({
      control: packetSender,
      local,
      ...ports,
      ...shared,
      handshake: this.#handshake,
      heartbeat: this.#heartbeat,
      onShutdown: () => this.#onShutdown(),
      onAbort: (cause) => this.#onAbort(cause),
      onSack: () => this.#scheduler.schedule(),
    })
    this.#scheduler = new PacketScheduler({
      packetSender,
      ...shared,
      roomBytes: options.roomBytes,
      onRoom: () => options.events.onRoom(),
    })
    lower.onPacket((packet) => this.#onPacket(packet))
    lower.onClosed((reason) => (reason === undefined ? this.abort() : this.#fail(reason)))
  }

  /** Accepted by `send` and not yet put into a packet, in bytes. */
  get bufferedBytes(): number {
    return this.#sender.queue.bufferedBytes
  }

  get stats(): AssociationStats {
    return collectStats({
      sender: this.#sender,
      packetSender: this.#packetSender,
      packetReceiver: this.#packetReceiver,
      scheduler: this.#scheduler,
      receiver: this.#receiver,
      messagesSent: this.#messagesSent,
      messagesReceived: this.#messagesReceived,
    })
  }

  /** Sends the INIT. An association that never connects still answers the peer's. */
  connect(): void {
    if (this.state !== 'new') return
    this.#enter('connecting')
    this.#handshake.start()
  }

  /**
   * Accepts a message at once, even before the association is open. `payload` must not change until it has been acknowledged.
   * @throws TransportError `interrupted` once the association is closing or has ended, `internal` for what SCTP cannot send.
   */
  send(streamId: number, ppid: number, payload: Uint8Array, isUnordered = false): void {
    if (this.#hasEnded || this.#shutdown.hasBegun)
      throw new TransportError('interrupted', 'the association is closed')
    if (payload.length === 0) throw new TransportError('internal', 'SCTP has no empty messages')
    if (!this.isWritable(streamId)) throw new TransportError('internal', `stream ${streamId} cannot be used`)
    this.#sender.queue.push(streamId, ppid, payload, isUnordered)
    this.#messagesSent++
    this.#scheduler.onQueued()
  }

  /** The peer accepts this stream, it is not being reset, and the association is not closing. */
  isWritable(streamId: number): boolean {
    const exists = streamId < (this.#peer?.incomingStreams ?? MAX_STREAMS)
    return exists && !this.#hasEnded && !this.#shutdown.hasBegun && !this.isResetting(streamId)
  }

  /** This side's reset of the stream was requested and is not yet confirmed. */
  isResetting(streamId: number): boolean {
    return this.#sender.queue.isResetting(streamId)
  }

  /** The application is done with a message of `bytes` that `onMessage` gave it: the receive window opens. */
  consumed(bytes: number): void {
    if (this.#receiver?.consumed(bytes) === true && !this.#hasEnded) this.#sackSchedule.demand()
  }

  /** Resets the outgoing stream after everything sent on it has been acknowledged. `onResetDone` tells the outcome. */
  resetStream(streamId: number): void {
    const stream = this.#sender.queue.stream(streamId)
    if (stream.isResetting || this.#hasEnded) return
    stream.isResetting = true
    this.#streamReset?.reset(streamId)
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
    this.#scheduler.schedule()
  }

  /** Ends at once and tells the peer. What is in flight is lost. */
  abort(): void {
    if (this.#hasEnded) return
    if (this.#peer !== undefined) this.#packetSender.sendChunk(encodeAbort(ErrorCause.userInitiatedAbort))
    this.#end('closed', undefined)
  }

  /** What the path carries from now on, SCTP header included. Existing chunks keep their size. */
  setMaxPacketBytes(maxPacketBytes: number): void {
    this.#sender.setMaxPacketBytes(usablePacketBytes(maxPacketBytes))
  }

  /**
   * Sends a packet of that size and reports whether it arrived. One at a time. `padding` leaves at once and outside congestion
   * control; `data`, for peers that may not support padding, as soon as there is that much of it.
   */
  probePath(packetBytes: number, by: 'padding' | 'data', onResult: (arrived: boolean) => void): void {
    const bytes = Math.min(packetBytes, MAX_PACKET_BYTES)
    if (this.#hasEnded || this.#peer === undefined) onResult(false)
    else if (by === 'data') this.#sender.sizeProbe.request(bytes, onResult)
    else this.#heartbeat.probePath(bytes, onResult)
  }

  /** The packets take another network path from now on: round trips and congestion are measured from scratch. */
  restartPath(): void {
    this.#sender.restart(this.#options.congestion)
  }

  get #hasEnded(): boolean {
    return this.state === 'closed' || this.state === 'failed'
  }

  #onPacket(packet: Uint8Array): void {
    if (this.#hasEnded) this.#packetReceiver.onLatePacket(packet)
    else this.#packetReceiver.onPacket(packet)
  }

  #onEstablished(peer: Init, rttMs: number): void {
    const options = this.#options
    const sender = this.#sender
    this.#peer = peer
    this.#packetSender.peerTag = peer.tag
    this.#packetSender.omitsChecksum = this.#local.zeroChecksum && peer.zeroChecksum
    sender.peerWindowBytes = peer.windowBytes
    if (rttMs > 0) sender.onRoundTrip(rttMs)
    const receiver = new DataReceiver(
      peer.initialTsn,
      this.#local.windowBytes,
      options.maxMessageBytes,
      (stream, ppid, payload) => {
        this.#messagesReceived++
        if (!this.#hasEnded) options.events.onMessage(stream, ppid, payload)
      },
    )
    const progress = {
      queue: sender.queue,
      nextTsn: () => sender.ring.nextTsn,
      receivedTsn: () => receiver.cumulativeTsn,
    }
    const { initialTsn } = this.#local
    const streamReset = new StreamReset(this.#packetSender, progress, options.events, initialTsn, peer)
    this.#receiver = receiver
    this.#streamReset = streamReset
    this.#packetReceiver.open({ tag: peer.tag, receiver, streamReset })
    this.#heartbeat.start()
    this.#enter('open')
    for (const streamId of sender.queue.resettingStreams()) streamReset.reset(streamId)
    this.#scheduler.open(receiver)
  }

  #onShutdown(): void {
    this.#shutdown.onShutdown()
    if (this.state === 'open') this.#enter('closing')
    this.#scheduler.schedule()
  }

  #onAbort(cause: number): void {
    const isOrderly = cause === 0 || cause === ErrorCause.userInitiatedAbort
    const detail = isOrderly ? 'the peer ended the association' : `the peer aborted: cause ${cause}`
    this.#end(isOrderly ? 'closed' : 'failed', new TransportError('interrupted', detail))
  }

  #fail(reason: TransportError, cause?: number): void {
    if (this.#hasEnded) return
    if (cause !== undefined && this.#peer !== undefined) this.#packetSender.sendChunk(encodeAbort(cause))
    this.#end('failed', reason)
  }

  #enter(state: AssociationState, reason?: TransportError): void {
    this.state = state
    this.#tracer?.emit({ event: 'state', state })
    this.#options.events.onState(state, reason)
  }

  #end(state: 'closed' | 'failed', reason: TransportError | undefined): void {
    if (this.#hasEnded) return
    this.#timers.stop()
    this.#packetReceiver.stop()
    this.#scheduler.stop()
    this.#sender.queue.clear()
    this.#enter(state, reason)
    this.#heartbeat.stop()
  }
}

function localInit(options: AssociationOptions): Init {
  const { runtime } = options
  // 0 is the tag of INIT packets and never an association's own.
  const tag = Buffer.from(runtime.randomBytes(4)).readUInt32BE(0) || 1
  return {
    tag,
    windowBytes: effectiveWindow(options.receiveWindowBytes, options.maxMessageBytes),
    outgoingStreams: MAX_STREAMS,
    incomingStreams: MAX_STREAMS,
    initialTsn: options.initialTsn ?? Buffer.from(runtime.randomBytes(4)).readUInt32BE(0),
    zeroChecksum: options.zeroChecksum ?? true,
    reconfig: true,
  }
}
