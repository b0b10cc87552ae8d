/** The door of an association: checks a packet, reads its chunks in order, and decides when the peer gets its SACK. */
import { TransportError } from '../../transport-error.ts'
import { padded, readUint16, readUint32 } from '../wire/bytes.ts'
import { Cause, type Control, encodeCause, firstCause } from '../control-plane.ts'
import { Deadline } from '../timers.ts'
import type { Handshake } from '../four-way-handshake.ts'
import type { Heartbeat } from '../heartbeat.ts'
import {
  Chunk,
  chunkLength,
  DATA_HEADER_BYTES,
  DataFlag,
  isWellFormed,
  PACKET_HEADER_BYTES,
  TAG_REFLECTED,
  verificationTag,
} from '../wire/packet.ts'
import type { DataVerdict, Receiver } from './data-receiver.ts'
import type { Sender } from '../send/data-sender.ts'
import type { Shutdown } from '../shutdown.ts'
import type { StreamReset } from '../stream-reset.ts'

/** RFC 9260 section 6.2: a SACK for every second packet, or after a short wait (at most 200 ms there). */
const PACKETS_PER_SACK = 2
const SACK_DELAY_MS = 20
/**
 * On a long path SACKs keep this distance, or that share of the round trip where it is less: beside a loss every packet would
 * ask for one, which costs both sides more than the data. Linux holds TCP's back in the same way (tcp_comp_sack_delay_ns, 2018).
 */
const SACK_INTERVAL_MS = 1
const SACKS_PER_ROUND_TRIP = 20
/** That many packets wait for nothing, not even for the end of their turn. */
const MAX_PACKETS_PER_SACK = 64
/** Chunks beside DATA that are read of one packet: nobody sends more, and each may cost an answer or a walk through the window. */
const MAX_CONTROL_CHUNKS = 8
/** How much of an unknown chunk is sent back. */
const MAX_REPORTED_BYTES = 128

export type InboundParts = {
  readonly control: Control
  readonly localTag: number
  readonly localPort: number
  readonly remotePort: number
  readonly acceptsZeroChecksum: boolean
  readonly sender: Sender
  readonly handshake: Handshake
  readonly heartbeat: Heartbeat
  readonly shutdown: Shutdown
  onShutdown(): void
  onAbort(cause: number): void
  /** There is something to send at the end of this turn. */
  onWork(isUrgent: boolean): void
}

/** What exists once the peer's first TSN is known. */
export type PeerParts = {
  readonly tag: number
  readonly receiver: Receiver
  readonly streamReset: StreamReset
}

export class Inbound {
  packets = 0
  refused = 0
  /** A SACK should leave with the next packet. */
  isSackDue = false
  /** DATA packets since the last SACK. */
  unreportedPackets = 0
  readonly #parts: InboundParts
  readonly #sackTimer: Deadline
  #peer: PeerParts | undefined
  #hasEnded = false
  #hadData = false
  #sackedMs = -Infinity

  constructor(parts: InboundParts) {
    this.#parts = parts
    this.#sackTimer = new Deadline(parts.control.host, () => this.demandSack())
  }

  open(peer: PeerParts): void {
    this.#peer = peer
  }

  stop(): void {
    this.#hasEnded = true
    this.#sackTimer.stop()
  }

  /** A SACK goes out with the next flush. */
  demandSack(): void {
    this.isSackDue = true
    this.#parts.onWork(false)
  }

  onSackSent(): void {
    this.isSackDue = false
    this.unreportedPackets = 0
    this.#sackedMs = this.#parts.control.host.now()
    this.#sackTimer.clear()
  }

  onPacket(packet: Uint8Array): void {
    this.packets++
    if (!this.#isForUs(packet)) {
      this.refused++
      return
    }
    this.#hadData = false
    let controls = 0
    for (let at = PACKET_HEADER_BYTES; at < packet.length && !this.#hasEnded;) {
      const length = chunkLength(packet, at)
      if (length === 0) break
      if (packet[at] !== Chunk.data && ++controls > MAX_CONTROL_CHUNKS) break
      if (!this.#onChunk(packet, at, length)) break
      at += padded(length)
    }
    if (this.#hasEnded || this.#peer === undefined) return
    this.#parts.heartbeat.onHeard()
    this.#peer.streamReset.advance()
    if (this.#hadData) this.#planSack()
  }

  /** The association is over: the only thing left to say is that it is (RFC 9260 section 8.4, case 5). */
  onLatePacket(packet: Uint8Array): void {
    if (!this.#isForUs(packet) || packet[PACKET_HEADER_BYTES] !== Chunk.shutdownAck) return
    this.#parts.control.sendChunk(Chunk.shutdownComplete, Buffer.alloc(0))
  }

  #isForUs(packet: Uint8Array): boolean {
    const parts = this.#parts
    const peer = this.#peer
    if (!isWellFormed(packet, parts.acceptsZeroChecksum)) return false
    if (readUint16(packet, 0) !== parts.remotePort || readUint16(packet, 2) !== parts.localPort) return false
    const tag = verificationTag(packet)
    const type = packet[PACKET_HEADER_BYTES] as number
    if (type === Chunk.init)
      return tag === 0 && padded(chunkLength(packet, PACKET_HEADER_BYTES)) === packet.length - 12
    if (tag === parts.localTag) return true
    const mayReflect = type === Chunk.abort || type === Chunk.shutdownComplete
    return mayReflect && ((packet[13] as number) & TAG_REFLECTED) !== 0 && tag === peer?.tag
  }

  /** False ends the reading of the packet. */
  #onChunk(packet: Uint8Array, at: number, length: number): boolean {
    const type = packet[at] as number
    if (type === Chunk.data || type === Chunk.sack) return this.#onTraffic(type, packet, at, length)
    const { handshake, heartbeat, shutdown } = this.#parts
    switch (type) {
      case Chunk.init:
        handshake.onInit(packet, at, length)
        return false
      case Chunk.initAck:
        handshake.onInitAck(packet, at, length)
        return false
      case Chunk.cookieEcho:
        handshake.onCookieEcho(packet, at, length)
        return true
      case Chunk.cookieAck:
        handshake.onCookieAck()
        return true
      case Chunk.abort:
        this.#parts.onAbort(firstCause(packet, at, length))
        return false
      case Chunk.heartbeat:
        heartbeat.onHeartbeat(packet, at, length)
        return true
      case Chunk.heartbeatAck:
        heartbeat.onHeartbeatAck(packet, at, length)
        return true
      case Chunk.error:
        handshake.onError(packet, at, length)
        return true
      case Chunk.shutdownAck:
        shutdown.onShutdownAck()
        return false
      case Chunk.shutdownComplete:
        shutdown.onShutdownComplete()
        return false
      default:
        return this.#onRareChunk(type, packet, at, length)
    }
  }

  #onTraffic(type: number, packet: Uint8Array, at: number, length: number): boolean {
    // Before the association is open these are early or foreign; the peer sends them again.
    if (this.#peer === undefined) return true
    if (type === Chunk.data) return this.#onData(this.#peer.receiver, packet, at, length)
    const { control, sender } = this.#parts
    if (!sender.onSack(packet, at, length, control.host.now()))
      return this.#refuse('a SACK for what was never sent')
    this.#parts.onWork(false)
    return true
  }

  #onData(receiver: Receiver, packet: Uint8Array, at: number, length: number): boolean {
    if (length === DATA_HEADER_BYTES) return this.#refuse('a DATA chunk without data', Cause.noUserData)
    if (length < DATA_HEADER_BYTES) return this.#refuse('a DATA chunk that is too short')
    this.#hadData = true
    if (((packet[at + 1] as number) & DataFlag.immediate) !== 0) this.isSackDue = true
    return this.#onVerdict(receiver.onData(packet, at, length))
  }

  #onVerdict(verdict: DataVerdict): boolean {
    if (verdict === 'torn') return this.#refuse('fragments that make no message')
    if (verdict === 'too long') return this.#refuse('a message above the limit')
    if (verdict !== 'taken') this.isSackDue = true
    return true
  }

  #onRareChunk(type: number, packet: Uint8Array, at: number, length: number): boolean {
    const peer = this.#peer
    const parts = this.#parts
    if (type === Chunk.pad || peer === undefined) return type === Chunk.pad
    if (type === Chunk.reconfig) {
      peer.streamReset.onReconfig(packet, at, length)
      return true
    }
    if (type === Chunk.forwardTsn && length >= 8) {
      this.#hadData = true
      this.isSackDue = true
      return this.#onVerdict(peer.receiver.onForwardTsn(readUint32(packet, at + 4)))
    }
    if (type === Chunk.shutdown && length === 8) {
      if (!parts.sender.onCumulativeTsn(readUint32(packet, at + 4), parts.control.host.now())) {
        return this.#refuse('a SHUTDOWN for what was never sent')
      }
      parts.onShutdown()
      return true
    }
    // The two highest bits say whether to tell the peer and whether to read on (RFC 9260 section 3.2).
    if ((type & 0x40) !== 0) {
      const chunk = packet.subarray(at, at + Math.min(length, MAX_REPORTED_BYTES))
      parts.control.sendChunk(Chunk.error, encodeCause(Cause.unrecognizedChunk, chunk))
    }
    return (type & 0x80) !== 0
  }

  #planSack(): void {
    const isUrgent = ++this.unreportedPackets >= MAX_PACKETS_PER_SACK
    const now = this.#parts.control.host.now()
    const isWanted = this.unreportedPackets >= PACKETS_PER_SACK || this.#peer?.receiver.hasGaps === true
    const dueMs = isWanted ? this.#sackedMs + this.#sackIntervalMs() : now + SACK_DELAY_MS
    if (isUrgent || now >= dueMs) this.isSackDue = true
    if (this.isSackDue) this.#parts.onWork(isUrgent)
    else this.#sackTimer.setIfEarlier(dueMs)
  }

  #sackIntervalMs(): number {
    return Math.min(SACK_INTERVAL_MS, this.#parts.sender.roundTrip.minMs / SACKS_PER_ROUND_TRIP)
  }

  /** The peer breaks the protocol: the association ends, and the peer is told why. */
  #refuse(what: string, cause: number = Cause.protocolViolation): false {
    this.#parts.control.fail(new TransportError('broken_protocol', `the peer sent ${what}`), cause)
    return false
  }
}
