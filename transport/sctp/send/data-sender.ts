/** The sending half of an association: cuts messages into chunks, fills packets, and reads what the peer acknowledges. */
import { Acknowledgements, emptyAck } from './acknowledgements.ts'
import { writeUint16, writeUint32 } from '../wire/bytes.ts'
import type { CongestionController, MakeCongestionController } from '../congestion/new-reno.ts'
import { DeliveryRate } from '../congestion/delivery-rate.ts'
import { emptyLoss, LossRecovery } from './loss-recovery.ts'
import { Outstanding, wireBytes } from './outstanding-chunks.ts'
import { Pacer } from './pacer.ts'
import { Chunk, DATA_HEADER_BYTES, DataFlag, PACKET_HEADER_BYTES, type PacketWriter } from '../wire/packet.ts'
import { RoundTrip } from './round-trip.ts'
import { type OutgoingMessage, SendQueue } from './send-queue.ts'
import { SizeProbe } from './size-probe.ts'

/** A message is cut to fill the rest of a packet only when that rest is worth a chunk. */
const MIN_FRAGMENT_BYTES = 256
/** Association.Max.Retrans (RFC 9260 section 16): expiries in a row after which the peer counts as gone. */
const MAX_TIMEOUTS = 10

/** Why `fill` left a packet empty. */
export type Hold = 'none' | 'nothing' | 'window' | 'pace'

export class Sender {
  readonly queue = new SendQueue()
  readonly roundTrip = new RoundTrip()
  readonly rate = new DeliveryRate()
  readonly sizeProbe = new SizeProbe()
  readonly ring: Outstanding
  congestion: CongestionController
  maxPacketBytes: number
  /** What the peer's receive window held when it last said so. */
  peerWindowBytes = 0
  chunksSent = 0
  chunksRetransmitted = 0
  timeouts = 0
  probes = 0
  /** Expiries since the peer last acknowledged anything. */
  #failures = 0
  readonly #recovery: LossRecovery
  readonly #acknowledgements: Acknowledgements
  readonly #pacer = new Pacer()
  #isWindowLimited = false
  /** What a timer demands to be sent, whatever window and pace say. */
  #forced: 'none' | 'probe' | 'retransmission' = 'none'
  #lastSentMs = -1
  readonly #ack = emptyAck()
  readonly #loss = emptyLoss()

  constructor(
    initialTsn: number,
    ringChunks: number,
    maxPacketBytes: number,
    congestion: MakeCongestionController,
  ) {
    this.ring = new Outstanding(initialTsn, ringChunks)
    this.#recovery = new LossRecovery(this.ring, this.roundTrip)
    this.#acknowledgements = new Acknowledgements(
      this.ring,
      this.queue,
      this.rate,
      this.#recovery,
      this.roundTrip,
    )
    this.maxPacketBytes = maxPacketBytes
    this.congestion = congestion({ maxPacketBytes })
  }

  /** Everything accepted is acknowledged. */
  get isIdle(): boolean {
    return this.queue.isEmpty && this.ring.isEmpty
  }

  deadlineMs(): number {
    return this.#recovery.deadlineMs()
  }

  /** Adds as many chunks as may leave now and fit into the packet that `writer` has begun. */
  fill(writer: PacketWriter, nowMs: number): Hold {
    const forced = this.#forced
    const hold = forced === 'none' ? this.#hold(nowMs) : 'none'
    if (hold !== 'none') return hold
    if (this.ring.isEmpty && this.#lastSentMs >= 0) this.#wakeCongestion(nowMs)
    const before = writer.length
    if (forced === 'probe') this.#prepareProbe(nowMs)
    this.#forced = 'none'
    this.#fillLost(writer, nowMs)
    if (this.ring.lost.count === 0) this.#fillNew(writer, nowMs)
    const bytes = writer.length - before
    if (bytes === 0) {
      // Behind a SACK there may be no room for a chunk that has a packet's size: the next packet takes it.
      if (before > PACKET_HEADER_BYTES) return 'none'
      this.#noteLimited()
      return 'nothing'
    }
    this.#lastSentMs = nowMs
    this.#pacer.spend(bytes, this.congestion.pacingBytesPerSecond)
    this.congestion.onSent(nowMs, bytes, this.ring.inFlightBytes)
    return 'none'
  }

  /** Reads the SACK chunk at `at`. False when it acknowledges what was never sent or is malformed: the peer is broken. */
  onSack(packet: Uint8Array, at: number, length: number, nowMs: number): boolean {
    const ack = this.#ack
    const verdict = this.#acknowledgements.read(packet, at, length, nowMs, ack)
    if (verdict !== 'read') return verdict === 'stale'
    this.sizeProbe.onAcknowledged(this.ring.firstTsn)
    if (ack.ackedBytes > 0) {
      const recovery = this.#recovery
      const loss = this.#loss
      this.#detectLosses(nowMs, this.#acknowledgements.blocks, this.#acknowledgements.lastBlockTsn)
      ack.inFlightBytes = this.ring.inFlightBytes
      ack.lostSinceSendBytes += loss.lostBytes
      ack.isWindowLimited = this.#isWindowLimited
      ack.inRecovery = this.#acknowledgements.newestSentMs <= recovery.episodeMs
      this.congestion.onAck(ack)
    }
    const wasClosed = this.peerWindowBytes === 0
    this.peerWindowBytes = this.#acknowledgements.windowBytes
    if (ack.ackedBytes > 0 || this.peerWindowBytes === 0) this.onSignOfLife()
    if (wasClosed && this.peerWindowBytes > 0) this.#recovery.loseAll(emptyLoss())
    return true
  }

  /** Acts on a deadline that has come. False when the peer has been silent too often. */
  onDeadline(nowMs: number): boolean {
    const action = this.#recovery.due(nowMs)
    if (action === 'losses') this.#detectLosses(nowMs, 0, 0)
    if (action === 'probe') {
      this.#forced = 'probe'
      this.probes++
    }
    if (action !== 'timeout') return true
    this.timeouts++
    this.#forced = 'retransmission'
    this.#clearLoss(nowMs)
    this.#recovery.onTimeout(nowMs, this.#loss)
    this.rate.lostBytes += this.#loss.lostBytes
    // A peer that keeps its window shut refuses our probes: that is no verdict on the path.
    if (this.peerWindowBytes > 0) {
      this.#recovery.beginEpisode(nowMs)
      this.congestion.onTimeout(nowMs, this.ring.inFlightBytes)
    }
    return ++this.#failures <= MAX_TIMEOUTS
  }

  /** The peer is there: it answered a heartbeat or acknowledged something. */
  onSignOfLife(): void {
    this.#failures = 0
  }

  /** Reads a SHUTDOWN's cumulative TSN as the SACK that it is (RFC 9260 section 9.2). */
  onCumulativeTsn(tsn: number, nowMs: number): boolean {
    const sack = new Uint8Array(16)
    writeUint32(sack, 4, tsn)
    writeUint32(sack, 8, this.peerWindowBytes)
    return this.onSack(sack, 0, sack.length, nowMs)
  }

  /** Another network path: what was measured on the old one is void. */
  restart(congestion: MakeCongestionController): void {
    this.roundTrip.reset()
    this.congestion = congestion({ maxPacketBytes: this.maxPacketBytes })
  }

  setMaxPacketBytes(maxPacketBytes: number): void {
    this.maxPacketBytes = maxPacketBytes
    this.congestion.setMaxPacketBytes(maxPacketBytes)
  }

  #detectLosses(nowMs: number, blocks: number, lastBlockTsn: number): void {
    const loss = this.#loss
    const recovery = this.#recovery
    this.#clearLoss(nowMs)
    recovery.detect(nowMs, loss, blocks, lastBlockTsn)
    if (loss.lostBytes === 0) return
    this.rate.lostBytes += loss.lostBytes
    loss.inFlightBytes = this.ring.inFlightBytes
    if (loss.startsEpisode) recovery.beginEpisode(nowMs)
    this.congestion.onLoss(loss)
  }

  #clearLoss(nowMs: number): void {
    const loss = this.#loss
    loss.nowMs = nowMs
    loss.lostBytes = 0
    loss.startsEpisode = false
  }

  #hold(nowMs: number): Hold {
    const { ring } = this
    if (ring.lost.count === 0 && this.queue.isEmpty) {
      this.#noteLimited()
      return 'nothing'
    }
    if (ring.inFlightBytes >= this.congestion.windowBytes && ring.inFlight.count > 0) {
      this.#isWindowLimited = true
      return 'window'
    }
    return this.#pacer.allows(nowMs, this.congestion.pacingBytesPerSecond) ? 'none' : 'pace'
  }

  /** The application or the peer's window, not the path, sets the pace from here on. */
  #noteLimited(): void {
    if (this.ring.inFlightBytes >= this.congestion.windowBytes) return
    this.#isWindowLimited = false
    this.rate.markAppLimited(this.ring.inFlightBytes)
  }

  #wakeCongestion(nowMs: number): void {
    const idleMs = nowMs - this.#lastSentMs
    if (idleMs > this.roundTrip.timeoutMs(0)) this.congestion.onIdle(nowMs, idleMs)
  }

  /** A tail-loss probe is new data when there is some, else the chunk sent last (RFC 8985 section 7.3). */
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
      const size = wireBytes(ring.payloadBytes[slot] as number)
      // A chunk cut for a larger path cannot be cut again (RFC 9260 section 6.9): alone it may exceed the packet.
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
      const left = message.payload.length - message.cutBytes - length
      let flags = message.isUnordered ? DataFlag.unordered : 0
      if (message.cutBytes === 0) flags |= DataFlag.begin
      if (left === 0) flags |= DataFlag.end
      const slot = ring.add(message, flags, length)
      queue.cut(message, length)
      // Nothing follows that would make the peer acknowledge this: ask for it (RFC 7053).
      if (queue.isEmpty) ring.flags[slot] = flags | DataFlag.immediate
      this.#write(writer, slot, nowMs)
    }
    if (isProbe && writer.length === packetBytes) sizeProbe.onSent(firstTsn, ring.nextTsn)
  }

  /** How much of `message` the next chunk takes in `room` bytes of packet; 0 when it has to wait. */
  #fragmentBytes(message: OutgoingMessage, room: number, isFirst: boolean): number {
    const fits = (room - DATA_HEADER_BYTES) & ~3
    const left = message.payload.length - message.cutBytes
    if (fits < left && fits < MIN_FRAGMENT_BYTES && !isFirst) return 0
    const length = Math.min(left, fits)
    const { ring, peerWindowBytes } = this
    if (ring.unacknowledgedBytes + length <= peerWindowBytes) return length
    // One chunk may always be under way: it finds out when a closed window opens (RFC 9260 section 6.1 A).
    if (!ring.isEmpty) return 0
    return peerWindowBytes > 0 ? Math.min(length, peerWindowBytes) : length
  }

  #write(writer: PacketWriter, slot: number, nowMs: number): void {
    const { ring } = this
    const message = ring.message(slot)
    if (message === undefined) return
    const length = ring.payloadBytes[slot] as number
    const offset = ring.payloadOffset[slot] as number
    const at = writer.chunk(Chunk.data, ring.flags[slot] as number, DATA_HEADER_BYTES - 4 + length)
    const { bytes } = writer
    writeUint32(bytes, at, ring.tsn[slot] as number)
    writeUint16(bytes, at + 4, message.stream.id)
    writeUint16(bytes, at + 6, message.sequence)
    writeUint32(bytes, at + 8, message.ppid)
    message.payload.copy(bytes, at + 12, offset, offset + length)
    const priorInFlight = ring.inFlightBytes
    ring.markSent(slot, nowMs)
    this.rate.onSent(ring, slot, nowMs, priorInFlight, wireBytes(length))
    this.#recovery.onSent(nowMs)
    this.chunksSent++
  }
}
