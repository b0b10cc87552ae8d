/** The way out: one packet writer, the peer's tag, and the choice of checksum. */
import type { TransportError } from '../../transport-error.ts'
import type { Control } from '../control-plane.ts'
import type { Host } from '../association-options.ts'
import { CHUNK_HEADER_BYTES, Chunk, PacketWriter } from '../wire/packet.ts'

export type OutletOptions = {
  readonly host: Host
  readonly localPort: number
  readonly remotePort: number
  readonly timeoutMs: (backOff: number) => number
  readonly fail: (reason: TransportError, cause?: number) => void
}

export class Outlet implements Control {
  packets = 0
  /** 0 until the peer has said its own. */
  peerTag = 0
  /** Both sides have offered RFC 9653; false during the handshake, whose chunks need their checksum (section 5.2). */
  omitsChecksum = false
  readonly host: Host
  readonly writer: PacketWriter
  readonly timeoutMs: (backOff: number) => number
  readonly fail: (reason: TransportError, cause?: number) => void

  constructor(options: OutletOptions) {
    this.host = options.host
    this.writer = new PacketWriter(options.localPort, options.remotePort)
    this.timeoutMs = options.timeoutMs
    this.fail = options.fail
  }

  /** Begins a packet for the peer; the caller adds chunks to the writer and calls `transmit`. */
  begin(): PacketWriter {
    this.writer.begin(this.peerTag)
    return this.writer
  }

  transmit(): void {
    this.packets++
    this.host.sendPacket(this.writer.finish(this.omitsChecksum))
  }

  sendChunk(type: number, value: Uint8Array, flags = 0, tag = this.peerTag): void {
    this.writer.begin(tag)
    this.#append(type, flags, value)
    this.packets++
    // An INIT may come from a peer that has begun anew and has offered nothing yet.
    this.host.sendPacket(this.writer.finish(this.omitsChecksum && type !== Chunk.initAck))
  }

  sendPadded(type: number, value: Uint8Array, packetBytes: number): void {
    this.begin()
    this.#append(type, 0, value)
    const padBytes = packetBytes - this.writer.length - CHUNK_HEADER_BYTES
    if (padBytes >= 0)
      this.writer.bytes.fill(0, this.writer.chunk(Chunk.pad, 0, padBytes), this.writer.length)
    this.transmit()
  }

  #append(type: number, flags: number, value: Uint8Array): void {
    this.writer.bytes.set(value, this.writer.chunk(type, flags, value.length))
  }
}
