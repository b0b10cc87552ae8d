/** The sending half of an association: fragments messages into chunks, fills packets with them, and acts on SACKs and time-outs. */
import type { CongestionController, MakeCongestionController } from '../congestion/congestion-controller.ts'
import { DeliveryRate } from '../congestion/delivery-rate.ts'
import { retransmissionTimeoutMs } from '../retransmission-timeout.ts'
import { MAX_RETRANSMISSIONS } from '../timers.ts'
import type { Tracer } from '../trace.ts'
import { DATA_HEADER_BYTES, DataChunk, dataChunkBytes, DataFlag, encodeData } from '../wire/data-chunk.ts'
import { PACKET_HEADER_BYTES, type PacketWriter } from '../wire/packet.ts'
import type { Sack } from '../wire/sack-chunk.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { CongestionFeedback } from './congestion-feedback.ts'
import { LossRecovery } from './loss-recovery.ts'
import { OutstandingChunks } from './outstanding-chunks.ts'
import { Pacer } from './pacer.ts'
import { RoundTrip } from './round-trip.ts'
import { type OutgoingMessage, SendQueue } from './send-queue.ts'
import { SizeProbe } from './size-probe.ts'

/** A message is fragmented to fill the rest of a packet only when that rest has at least this much. */
const MIN_FRAGMENT_BYTES = 256

/** Why `fill` has added nothing: it need not (`none`), there is nothing to send, or the window or the pacing forbids it. */
export type Hold = 'none' | 'nothing' | 'window' | 'pace'

export class DataSender {
  readonly queue = new SendQueue()
  readonly roundTrip = new RoundTrip()
  readonly rate = new DeliveryRate()
  readonly sizeProbe = new SizeProbe()
  readonly ring: OutstandingChunks
  maxPacketBytes: number
  /** The peer's receive window as last announced. */
  peerWindowBytes = 0
  chunksSent = 0
  chunksRetransmitted = 0
  timeouts = 0
  probes = 0
  readonly #recovery: LossRecovery
  readonly #acknowledgements: Acknowledgements
  readonly #congestion: CongestionFeedback
  readonly #pacer = new Pacer()
  readonly #chunk = new DataChunk()
  /** Expiries of T3 since the peer last showed that it is there. */
  #failures = 0
  /** What a timer requires to be sent regardless of window and pacing. */
  #forced: 'none' | 'probe' | 'retransmission' = 'none'
  #lastSentMs = -1
  #tracer: Tracer | undefined

  constructor(
    initialTsn: number,
    ringChunks: number | undefined,
    maxPacketBytes: number,
    makeController: MakeCongestionController,
  ) {
    const { queue, rate, roundTrip } = this
    const ring = new OutstandingChunks(initialTsn, ringChunks)
    const recovery = new LossRecovery(ring, roundTrip)
    const acknowledgements = new Acknowledgements({ ring, queue, rate, recovery })
    const parts = { ring, rate, roundTrip, recovery, acknowledgements }
    this.ring = ring
    this.#recovery = recovery
    this.#acknowledgements = acknowledgements
    this.#congestion = new CongestionFeedback(parts, makeController({ maxPacketBytes }))
    this.maxPacketBytes = maxPacketBytes
  }

  get congestion(): CongestionController {
    return this.#congestion.controller
  }

  setTracer(tracer: Tracer | undefined): void {
    this.#tracer = tracer
    for (const part of [this.#recovery, this.#acknowledgements, this.#congestion]) part.tracer = tracer
  }

  /** Everything accepted is acknowledged. */
  get isIdle(): boolean {
    return this.queue.isEmpty && this.ring.isEmpty
  }

  /** When to call `onDeadline` next; Infinity when nothing is outstanding. */
  deadlineMs(): number {
    return this.#recovery.deadlineMs()
  }

  /** Adds as many chunks as may leave now and fit into the packet that `writer` has begun. */
  fill(writer: PacketWriter, nowMs: number): Hold {
    const forced = this.#forced
    const hold = forced === 'none' ? this.#hold(nowMs) : 'none'
    if (hold !== 'none') return hold
    if (this.ring.isEmpty && this.#lastSentMs >= 0) this.#noteIdleTime(nowMs)
    const before = writer.length
    if (forced === 'probe') this.#prepareProbe(nowMs)
    this.#forced = 'none'
    this.#fillLost(writer, nowMs)
    if (this.ring.lost.count === 0) this.#fillNew(writer, nowMs)
    const bytes = writer.length - before
    if (bytes === 0) {
      // Behind a SACK there may be no room for a chunk of a whole packet's size: the next packet takes it.
      if (before > PACKET_HEADER_BYTES) return 'none'
      this.#noteLimited()
      return 'nothing'
    }
    this.#lastSentMs = nowMs
    this.#pacer.spend(bytes, this.congestion.pacingBytesPerSecond)
    this.#congestion.onSent(nowMs, bytes)
    return 'none'
  }

  /** Acts on a SACK. False when it acknowledges what was never sent. */
  onSack(sack: Sack, nowMs: number): boolean {
    const verdict = this.#acknowledgements.apply(sack, nowMs)
    if (verdict !== 'applied') return verdict === 'stale'
    const { ackedBytes, rttMs } = this.#acknowledgements
    this.sizeProbe.onAcknowledged(this.ring.firstTsn)
    if (ackedBytes > 0) {
      if (rttMs > 0) this.#tracer?.roundTrip(this.roundTrip)
      this.#detectLosses(nowMs, sack)
      this.#congestion.onAck(nowMs)
    }
    const wasClosed = this.peerWindowBytes === 0
    this.peerWindowBytes = sack.windowBytes
    if (ackedBytes > 0 || this.peerWindowBytes === 0) this.#failures = 0
    if (wasClosed && this.peerWindowBytes > 0) this.#recovery.retransmitAll()
    return true
  }

  /** Acts on a deadline that has come. False when the peer was silent too often. */
  onDeadline(nowMs: number): boolean {
    const action = this.#recovery.due(nowMs)
    if (action === 'losses') this.#detectLosses(nowMs)
    if (action === 'probe') {
      this.#forced = 'probe'
      this.probes++
      this.#tracer?.emit({ event: 'probe' })
    }
    if (action !== 'timeout') return true
    this.timeouts++
    this.#forced = 'retransmission'
    this.rate.lostBytes += this.#recovery.onTimeout(nowMs)
    this.#tracer?.emit({ event: 'timeout', expiries: this.#recovery.expiries })
    // A peer with a closed window refuses every chunk that probes it: that says nothing about the path.
    if (this.peerWindowBytes > 0) {
      this.#recovery.beginEpisode(nowMs)
      this.#congestion.onTimeout(nowMs)
    }
    return ++this.#failures <= MAX_RETRANSMISSIONS
  }

  onHeartbeatAnswer(rttMs: number): void {
    this.#failures = 0
    this.onRoundTrip(rttMs)
  }

  /** A round trip was measured on a control chunk. */
  onRoundTrip(rttMs: number): void {
    this.roundTrip.sample(rttMs)
    this.#tracer?.roundTrip(this.roundTrip)
  }

  /** The packets take another network path from now on: what was measured on the old one is void. */
  restart(makeController: MakeCongestionController): void {
    this.roundTrip.reset()
    this.#congestion.restart(makeController, this.maxPacketBytes)
  }

  setMaxPacketBytes(maxPacketBytes: number): void {
    this.maxPacketBytes = maxPacketBytes
    this.#congestion.setMaxPacketBytes(maxPacketBytes)
  }

  #detectLosses(nowMs: number, sack?: Sack): void {
    const recovery = this.#recovery
    const lostBytes = recovery.detectLosses(nowMs, sack)
    if (lostBytes === 0) return
    this.rate.lostBytes += lostBytes
    if (recovery.foundStartsEpisode) recovery.beginEpisode(nowMs)
    this.#congestion.onLoss(nowMs)
  }

  #hold(nowMs: number): Hold {
    const { ring } = this
    if (ring.lost.count === 0 && this.queue.isEmpty) {
      this.#noteLimited()
      return 'nothing'
    }
    if (ring.inFlightBytes >= this.congestion.windowBytes && ring.inFlight.count > 0) {
      this.#congestion.isWindowLimited = true
      return 'window'
    }
    return this.#pacer.allows(nowMs, this.congestion.pacingBytesPerSecond) ? 'none' : 'pace'
  }

  /** From here on the application or the peer's window limits the rate, not the path. */
  #noteLimited(): void {
    if (this.ring.inFlightBytes >= this.congestion.windowBytes) return
    this.#congestion.isWindowLimited = false
    this.rate.markAppLimited(this.ring.inFlightBytes)
  }

  #noteIdleTime(nowMs: number): void {
    const idleMs = nowMs - this.#lastSentMs
    if (idleMs > retransmissionTimeoutMs(this.roundTrip, 0)) this.#congestion.onIdle(nowMs, idleMs)
  }

  /** A tail-loss probe is new data when there is some, else the chunk that was sent last (RFC 8985 section 7.3). */
  #prepareProbe(nowMs: number): void {
    const { ring } = this
    const { tail } = ring.inFlight
    const isNew = this.#canSendNew() || tail < 0
    this.#recovery.onProbe(nowMs, isNew ? -1 : (ring.tsn[tail] as number))
    if (!isNew) ring.markLost(tail)
  }

  #canSendNew(): boolean {
    const message = this.queue.current
    return (
      message !== undefined &&
      !this.ring.isFull &&
      this.#fragmentBytes(message, this.maxPacketBytes - PACKET_HEADER_BYTES, true) > 0
    )
  }

  #fillLost(writer: PacketWriter, nowMs: number): void {
    const { ring } = this
    while (ring.lost.head >= 0) {
      const slot = ring.lost.head
      const size = dataChunkBytes(ring.payloadBytes[slot] as number)
      // A chunk made for a larger path cannot be fragmented again (RFC 9260 section 6.9): alone it may exceed the packet.
      if (writer.length + size > this.maxPacketBytes && !writer.isEmpty) return
      ring.flags[slot] = (ring.flags[slot] as number) | DataFlag.immediate
      this.chunksRetransmitted++
      this.sizeProbe.onRetransmit(ring.tsn[slot] as number)
      this.#write(writer, slot, nowMs)
    }
  }

  #fillNew(writer: PacketWriter, nowMs: number): void {
    const { ring, queue, sizeProbe } = this
    const isProbe = writer.isEmpty && sizeProbe.isDue(queue.bufferedBytes)
    const packetBytes = isProbe ? sizeProbe.packetBytes : this.maxPacketBytes
    const chunkBytes = isProbe ? sizeProbe.chunkBytes(this.maxPacketBytes) : packetBytes
    const firstTsn = ring.nextTsn
    for (let message = queue.current; message !== undefined && !ring.isFull; message = queue.current) {
      const room = Math.min(packetBytes - writer.length, chunkBytes)
      const length = this.#fragmentBytes(message, room, writer.isEmpty)
      if (length === 0) break
      const left = message.payload.length - message.fragmentedBytes - length
      let flags = message.isUnordered ? DataFlag.unordered : 0
      if (message.fragmentedBytes === 0) flags |= DataFlag.begin
      if (left === 0) flags |= DataFlag.end
      const slot = ring.add(message, flags, length)
      queue.takeFragment(message, length)
      // Nothing follows that would make the peer acknowledge this chunk: ask for it (RFC 7053).
      if (queue.isEmpty) ring.flags[slot] = flags | DataFlag.immediate
      this.#write(writer, slot, nowMs)
    }
    if (isProbe && writer.length === packetBytes) sizeProbe.onSent(firstTsn, ring.nextTsn)
  }

  /** How much of `message` the next chunk takes in `room` bytes of packet; 0 when it has to wait. */
  #fragmentBytes(message: OutgoingMessage, room: number, isFirst: boolean): number {
    const fits = (room - DATA_HEADER_BYTES) & ~3
    const left = message.payload.length - message.fragmentedBytes
    if (fits < left && fits < MIN_FRAGMENT_BYTES && !isFirst) return 0
    const length = Math.min(left, fits)
    const { ring, peerWindowBytes } = this
    if (ring.unacknowledgedBytes + length <= peerWindowBytes) return length
    // One chunk may always be outstanding: it finds out when a closed window opens (RFC 9260 section 6.1, rule A).
    if (!ring.isEmpty) return 0
    return peerWindowBytes > 0 ? Math.min(length, peerWindowBytes) : length
  }

  #write(writer: PacketWriter, slot: number, nowMs: number): void {
    const { ring } = this
    const message = ring.message(slot)
    if (message === undefined) return
    const chunk = this.#chunk
    const payloadBytes = ring.payloadBytes[slot] as number
    chunk.tsn = ring.tsn[slot] as number
    chunk.flags = ring.flags[slot] as number
    chunk.streamId = message.stream.id
    chunk.streamSequence = message.sequence
    chunk.ppid = message.ppid
    chunk.bytes = message.payload
    chunk.payloadAt = ring.payloadOffset[slot] as number
    chunk.payloadBytes = payloadBytes
    encodeData(writer, chunk)
    const size = dataChunkBytes(payloadBytes)
    const priorInFlight = ring.inFlightBytes
    ring.markSent(slot, nowMs)
    this.rate.onSent(ring, slot, nowMs, priorInFlight, size)
    this.#recovery.onSent(nowMs)
    this.chunksSent++
    this.#tracer?.chunk(ring.transmissions[slot] === 1 ? 'sent' : 'retransmitted', chunk.tsn, size)
  }
}
