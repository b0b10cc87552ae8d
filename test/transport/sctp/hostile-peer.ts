/** A peer written by hand: it opens an association properly and then sends whatever a test wants. It writes its own bytes. */
import { encodeInit } from '../../../transport/sctp/wire/init-chunk.ts'
import { ChunkType, PACKET_HEADER_BYTES, PacketWriter } from '../../../transport/sctp/wire/packet.ts'
import { seededRandom, VirtualTime } from '../../support/simulated-network.ts'
import { Endpoint } from './pair.ts'
import { virtualRuntime } from './simulated-layer.ts'
import type { AssociationOptions } from '../../../transport/sctp/association-options.ts'

/** First TSNs of the peer and of the association. */
export const PEER_TSN = 1_000
export const OUR_TSN = 5_000
const COOKIE_BYTES = 61

export class HostilePeer {
  readonly time = new VirtualTime()
  readonly end: Endpoint
  readonly peerTag = 77
  readonly #windowBytes: number
  readonly #reconfig: boolean
  /** Packets that the association has sent since the last `take`. */
  #sent: Buffer[] = []
  readonly #writer = new PacketWriter(5_000, 5_000)
  #tag = 0

  constructor(
    options: Partial<AssociationOptions> & {
      readonly peerWindowBytes?: number
      readonly reconfig?: boolean
      /** Time from the INIT to the COOKIE ECHO. */
      readonly roundTripMs?: number
    } = {},
  ) {
    const random = seededRandom(1)
    this.end = new Endpoint(
      (packet) => void this.#sent.push(Buffer.from(packet)),
      virtualRuntime(this.time, random),
      { initialTsn: OUR_TSN, zeroChecksum: false, ...options },
    )
    this.#windowBytes = options.peerWindowBytes ?? 100_000
    this.#reconfig = options.reconfig ?? true
    const cookie = this.requestCookie(this.peerTag)
    this.run(options.roundTripMs ?? 0)
    this.echoCookie(cookie)
    if (this.end.association.state !== 'open') throw new Error('not open')
    this.take()
  }

  /** Sends an INIT and returns the cookie of the INIT ACK. */
  requestCookie(tag: number): Buffer {
    const streams = { outgoingStreams: 16, incomingStreams: 16 }
    const windowBytes = this.#windowBytes
    const reconfig = this.#reconfig
    const init = encodeInit({
      tag,
      windowBytes,
      ...streams,
      initialTsn: PEER_TSN,
      zeroChecksum: false,
      reconfig,
    })
    this.send(ChunkType.init, init.value, 0, 0)
    const answer = this.take().at(-1)
    if (answer?.type !== ChunkType.initAck) throw new Error('no INIT ACK')
    this.#tag = answer.value.readUInt32BE()
    // The cookie is the last parameter, with three bytes of padding.
    return Buffer.from(answer.value.subarray(-COOKIE_BYTES - 3, -3))
  }

  echoCookie(cookie: Uint8Array): void {
    this.send(ChunkType.cookieEcho, cookie)
  }

  /** The first bytes of a packet for the association: ports and tag. */
  get header(): Buffer {
    this.#writer.begin(this.#tag)
    return Buffer.from(this.#writer.bytes.subarray(0, 8))
  }

  /** Sends one chunk, with the association's tag unless given, and lets the turn of the event loop end. */
  send(type: number, value: Uint8Array, flags = 0, tag = this.#tag): void {
    this.sendAll([{ type, value, flags }], tag)
  }

  /** Several chunks in one packet. */
  sendAll(chunks: readonly { type: number; value: Uint8Array; flags?: number }[], tag = this.#tag): void {
    this.#writer.begin(tag)
    for (const { type, value, flags = 0 } of chunks) this.#writer.append({ type, flags, value })
    this.end.layer.deliver(Uint8Array.from(this.#writer.finish(false)))
    this.run(0)
  }

  /** DATA whose TSN is `step` after the first. */
  data(step: number, flags: number, payload: Uint8Array, streamId = 0): void {
    const header = Buffer.alloc(12)
    header.writeUInt32BE((PEER_TSN + step) >>> 0)
    header.writeUInt16BE(streamId, 4)
    header.writeUInt32BE(53, 8)
    this.send(ChunkType.data, Buffer.concat([header, payload]), flags)
  }

  /** SACK of the first `acknowledged` chunks, with gap blocks as offsets from there. */
  sack(
    acknowledged: number,
    windowBytes = 100_000,
    blocks: readonly (readonly [number, number])[] = [],
  ): void {
    const value = Buffer.alloc(12 + 4 * blocks.length)
    value.writeUInt32BE((OUR_TSN - 1 + acknowledged) >>> 0)
    value.writeUInt32BE(windowBytes, 4)
    value.writeUInt16BE(blocks.length, 8)
    blocks.forEach(([from, to], index) => {
      value.writeUInt16BE(from, 12 + 4 * index)
      value.writeUInt16BE(to, 14 + 4 * index)
    })
    this.send(ChunkType.sack, value)
  }

  run(forMs: number): void {
    // The clock must advance even when no timer is set.
    this.time.after(forMs, () => {})
    this.time.run(this.time.nowMs + forMs)
  }

  /** Chunks sent since the last call: type, flags and value. */
  take(): { type: number; flags: number; value: Buffer }[] {
    const chunks: { type: number; flags: number; value: Buffer }[] = []
    for (const packet of this.#sent) {
      for (let at = PACKET_HEADER_BYTES; at < packet.length;) {
        const length = packet.readUInt16BE(at + 2)
        chunks.push({
          type: packet.readUInt8(at),
          flags: packet.readUInt8(at + 1),
          value: packet.subarray(at + 4, at + length),
        })
        at += (length + 3) & ~3
      }
    }
    this.#sent = []
    return chunks
  }

  /** TSNs of the DATA chunks sent since the last call, as offsets from the first. */
  takeSteps(): number[] {
    const data = this.take().filter(({ type }) => type === ChunkType.data)
    return data.map(({ value }) => (value.readUInt32BE() - OUR_TSN) | 0)
  }

  /** The last SACK since the last call; TSNs are offsets from the first. */
  takeSack(): { step: number; windowBytes: number; blocks: number[][]; duplicates: number[] } | undefined {
    const value = this.take().findLast(({ type }) => type === ChunkType.sack)?.value
    if (value === undefined) return undefined
    const count = value.readUInt16BE(8)
    const blocks = Array.from({ length: count }, (_, index) => [
      value.readUInt16BE(12 + 4 * index),
      value.readUInt16BE(14 + 4 * index),
    ])
    const duplicates = Array.from(
      { length: value.readUInt16BE(10) },
      (_, index) => value.readUInt32BE(12 + 4 * (count + index)) - PEER_TSN,
    )
    return {
      step: (value.readUInt32BE() - PEER_TSN) | 0,
      windowBytes: value.readUInt32BE(4),
      blocks,
      duplicates,
    }
  }
}
