/** Where packets go out: begins each in the one reused writer, with the peer's tag, and hands it to the layer below. */
import type { Layer } from '../../layer.ts'
import type { TransportError } from '../../transport-error.ts'
import type { ControlPlane } from '../control-plane.ts'
import { retransmissionTimeoutMs } from '../retransmission-timeout.ts'
import type { Runtime } from '../runtime.ts'
import type { Timers } from '../timers.ts'
import { encodePad } from '../wire/heartbeat-chunk.ts'
import { ChunkType, type ControlChunk, PacketWriter } from '../wire/packet.ts'
import type { RoundTrip } from './round-trip.ts'

export type PacketSenderOptions = {
  readonly lower: Layer
  readonly runtime: Runtime
  readonly timers: Timers
  readonly localPort: number
  readonly remotePort: number
  readonly roundTrip: RoundTrip
  readonly fail: (reason: TransportError, cause?: number) => void
}

export class PacketSender implements ControlPlane {
  packets = 0
  /** 0 until the peer has announced it. */
  peerTag = 0
  /** Both sides have offered RFC 9653. False during the handshake, whose packets need their checksum (section 5.2 there). */
  omitsChecksum = false
  readonly runtime: Runtime
  readonly timers: Timers
  readonly fail: (reason: TransportError, cause?: number) => void
  readonly #lower: Layer
  readonly #roundTrip: RoundTrip
  readonly #writer: PacketWriter

  constructor(options: PacketSenderOptions) {
    this.runtime = options.runtime
    this.timers = options.timers
    this.fail = options.fail
    this.#lower = options.lower
    this.#roundTrip = options.roundTrip
    this.#writer = new PacketWriter(options.localPort, options.remotePort)
  }

  /** Begins a packet for the peer: add chunks to the writer, then call `transmit`. */
  begin(): PacketWriter {
    this.#writer.begin(this.peerTag)
    return this.#writer
  }

  transmit(): void {
    this.#finish(this.omitsChecksum)
  }

  sendChunk(chunk: ControlChunk, tag: number = this.peerTag): void {
    this.#writer.begin(tag)
    this.#writer.append(chunk)
    // The INIT may come from a peer that has restarted and has offered nothing yet.
    this.#finish(this.omitsChecksum && chunk.type !== ChunkType.initAck)
  }

  sendPadded(chunk: ControlChunk, packetBytes: number): void {
    this.begin().append(chunk)
    encodePad(this.#writer, packetBytes)
    this.transmit()
  }

  retransmissionTimeoutMs(expiries: number): number {
    return retransmissionTimeoutMs(this.#roundTrip, expiries)
  }

  #finish(zeroChecksum: boolean): void {
    this.packets++
    this.#lower.send(this.#writer.finish(zeroChecksum))
  }
}
