/** Where packets come in: checks them, decodes their chunks in order, and hands each to the part that acts on it. */
import { TransportError } from '../../transport-error.ts'
import type { ControlPlane } from '../control-plane.ts'
import type { FourWayHandshake } from '../four-way-handshake.ts'
import type { Heartbeat } from '../heartbeat.ts'
import type { DataSender } from '../send/data-sender.ts'
import type { Shutdown } from '../shutdown.ts'
import type { StreamReset } from '../stream-reset.ts'
import type { Tracer } from '../trace.ts'
import { decodeCookieEcho } from '../wire/cookie-chunk.ts'
import { DataChunk, dataChunkBytes, DataFlag, decodeData } from '../wire/data-chunk.ts'
import {
  decodeFirstCause,
  encodeUnrecognizedChunkError,
  ErrorCause,
  REFLECTED_TAG_FLAG,
} from '../wire/error-chunk.ts'
import { decodeForwardTsn } from '../wire/forward-tsn-chunk.ts'
import { decodeHeartbeat, decodeHeartbeatAck } from '../wire/heartbeat-chunk.ts'
import { decodeInit, type Init } from '../wire/init-chunk.ts'
import { ChunkType, PacketReader } from '../wire/packet.ts'
import { decodeReconfig } from '../wire/reconfig-chunk.ts'
import { decodeSack, Sack } from '../wire/sack-chunk.ts'
import { decodeShutdown, encodeShutdownComplete } from '../wire/shutdown-chunk.ts'
import type { DataReceiver, DataVerdict } from './data-receiver.ts'
import type { SackSchedule } from './sack-schedule.ts'

/** Chunks other than DATA that are read from one packet: no real peer sends more, and each may cost an answer or a long search. */
const MAX_CONTROL_CHUNKS = 8

/** The two highest bits of an unknown chunk type: whether to report it, and whether to read on (RFC 9260 section 3.2). */
const REPORT_BIT = 0x40
const SKIP_BIT = 0x80

export type PacketReceiverParts = {
  readonly control: ControlPlane
  readonly local: Init
  readonly localPort: number
  readonly remotePort: number
  readonly sender: DataSender
  readonly sackSchedule: SackSchedule
  readonly handshake: FourWayHandshake
  readonly heartbeat: Heartbeat
  readonly shutdown: Shutdown
  readonly tracer: Tracer | undefined
  onShutdown(): void
  onAbort(cause: number): void
  /** A SACK may have made room: sends what may leave at the end of this turn. */
  onSack(): void
}

/** What exists once the peer's first TSN is known. */
export type PeerParts = {
  readonly tag: number
  readonly receiver: DataReceiver
  readonly streamReset: StreamReset
}

export class PacketReceiver {
  packets = 0
  refused = 0
  readonly #parts: PacketReceiverParts
  readonly #reader = new PacketReader()
  readonly #data = new DataChunk()
  readonly #sack = new Sack()
  #peer: PeerParts | undefined
  #hasEnded = false
  /** The current packet has moved the receiving half, which calls for a SACK. */
  #hadData = false

  constructor(parts: PacketReceiverParts) {
    this.#parts = parts
  }

  open(peer: PeerParts): void {
    this.#peer = peer
  }

  stop(): void {
    this.#hasEnded = true
  }

  onPacket(packet: Uint8Array): void {
    this.packets++
    if (!this.#opens(packet)) {
      this.refused++
      return
    }
    const reader = this.#reader
    this.#hadData = false
    this.#peer?.receiver.beginPacket()
    let controlChunks = 0
    while (!this.#hasEnded && reader.next()) {
      if (reader.type !== ChunkType.data && ++controlChunks > MAX_CONTROL_CHUNKS) break
      if (!this.#onChunk(reader)) break
    }
    if (this.#hasEnded || this.#peer === undefined) return
    this.#parts.heartbeat.onHeard()
    this.#peer.streamReset.advance()
    if (this.#hadData) this.#parts.sackSchedule.onDataPacket(this.#peer.receiver.hasGaps)
  }

  /** The association has ended: only a SHUTDOWN ACK is still answered (RFC 9260 section 8.4, rule 5). */
  onLatePacket(packet: Uint8Array): void {
    if (this.#opens(packet) && this.#reader.type === ChunkType.shutdownAck)
      this.#parts.control.sendChunk(encodeShutdownComplete())
  }

  /** Begins reading; false when the packet is malformed or not meant for this association (RFC 9260 section 8.5). */
  #opens(packet: Uint8Array): boolean {
    const { local, localPort, remotePort } = this.#parts
    const reader = this.#reader
    if (!reader.open(packet, local.zeroChecksum)) return false
    if (reader.sourcePort !== remotePort || reader.destinationPort !== localPort) return false
    const { type, verificationTag } = reader
    if (type === ChunkType.init) return verificationTag === 0 && reader.isOnlyChunk
    if (verificationTag === local.tag) return true
    const mayReflect = type === ChunkType.abort || type === ChunkType.shutdownComplete
    return mayReflect && (reader.flags & REFLECTED_TAG_FLAG) !== 0 && verificationTag === this.#peer?.tag
  }

  /** False ends the reading of the packet. */
  #onChunk({ type, packet, at, length }: PacketReader): boolean {
    const { handshake, heartbeat, shutdown } = this.#parts
    switch (type) {
      case ChunkType.data:
        return this.#onData(packet, at, length)
      case ChunkType.sack:
        return this.#onSack(packet, at, length)
      case ChunkType.init:
        handshake.onInit(decodeInit(packet, at, length))
        return false
      case ChunkType.initAck:
        handshake.onInitAck(decodeInit(packet, at, length))
        return false
      case ChunkType.cookieEcho:
        handshake.onCookieEcho(decodeCookieEcho(packet, at, length))
        return true
      case ChunkType.cookieAck:
        handshake.onCookieAck()
        return true
      case ChunkType.abort:
        this.#parts.onAbort(decodeFirstCause(packet, at, length))
        return false
      case ChunkType.error:
        handshake.onError(decodeFirstCause(packet, at, length))
        return true
      case ChunkType.heartbeat:
        heartbeat.onHeartbeat(decodeHeartbeat(packet, at, length))
        return true
      case ChunkType.heartbeatAck:
        heartbeat.onHeartbeatAck(decodeHeartbeatAck(packet, at, length))
        return true
      case ChunkType.shutdownAck:
        shutdown.onShutdownAck()
        return false
      case ChunkType.shutdownComplete:
        shutdown.onShutdownComplete()
        return false
      case ChunkType.pad:
        return true
      default:
        return this.#peer !== undefined && this.#onPeerChunk(this.#peer, this.#reader)
    }
  }

  /** Chunks that mean something only once the peer is known, and unknown ones. */
  #onPeerChunk(peer: PeerParts, { type, packet, at, length }: PacketReader): boolean {
    if (type === ChunkType.reconfig) {
      for (const parameter of decodeReconfig(packet, at, length)) peer.streamReset.onParameter(parameter)
      return true
    }
    const forwardTsn = type === ChunkType.forwardTsn ? decodeForwardTsn(packet, at, length) : undefined
    if (forwardTsn !== undefined) {
      this.#hadData = true
      this.#parts.sackSchedule.isDue = true
      return this.#onVerdict(peer.receiver.onForwardTsn(forwardTsn))
    }
    const acknowledgedTsn = type === ChunkType.shutdown ? decodeShutdown(packet, at, length) : undefined
    if (acknowledgedTsn !== undefined) return this.#onShutdown(acknowledgedTsn)
    if ((type & REPORT_BIT) !== 0)
      this.#parts.control.sendChunk(encodeUnrecognizedChunkError(packet, at, length))
    return (type & SKIP_BIT) !== 0
  }

  #onData(packet: Uint8Array, at: number, length: number): boolean {
    // Before the association is open DATA and SACK are early or foreign; the peer sends them again.
    if (this.#peer === undefined) return true
    const data = this.#data
    if (!decodeData(packet, at, length, data)) return this.#refuse('a DATA chunk that is too short')
    if (data.payloadBytes === 0) return this.#refuse('a DATA chunk without data', ErrorCause.noUserData)
    this.#hadData = true
    if ((data.flags & DataFlag.immediate) !== 0) this.#parts.sackSchedule.isDue = true
    const verdict = this.#peer.receiver.onData(data)
    const { tracer } = this.#parts
    if (tracer !== undefined && (verdict === 'taken' || verdict === 'duplicate' || verdict === 'refused'))
      tracer.chunk(verdict === 'taken' ? 'received' : verdict, data.tsn, dataChunkBytes(data.payloadBytes))
    return this.#onVerdict(verdict)
  }

  #onVerdict(verdict: DataVerdict): boolean {
    if (verdict === 'unexpected') return this.#refuse('fragments that make no message')
    if (verdict === 'too long') return this.#refuse('a message above the limit')
    if (verdict !== 'taken') this.#parts.sackSchedule.isDue = true
    return true
  }

  #onSack(packet: Uint8Array, at: number, length: number): boolean {
    if (this.#peer === undefined) return true
    const sack = this.#sack
    const { sender, control, tracer } = this.#parts
    const isSound = decodeSack(packet, at, length, sack)
    if (isSound) tracer?.sack('sack_received', sack)
    if (!isSound || !sender.onSack(sack, control.runtime.now()))
      return this.#refuse('a SACK for what was never sent')
    this.#parts.onSack()
    return true
  }

  /** A SHUTDOWN acknowledges like a SACK without gap blocks (RFC 9260 section 9.2). */
  #onShutdown(cumulativeTsn: number): boolean {
    const { sender, control } = this.#parts
    this.#sack.reset(cumulativeTsn, sender.peerWindowBytes)
    if (!sender.onSack(this.#sack, control.runtime.now()))
      return this.#refuse('a SHUTDOWN for what was never sent')
    this.#parts.onShutdown()
    return true
  }

  /** The peer violates the protocol: the association ends, and the peer is told why. */
  #refuse(what: string, cause: number = ErrorCause.protocolViolation): false {
    this.#parts.control.fail(new TransportError('broken_protocol', `the peer sent ${what}`), cause)
    return false
  }
}
