/**
 * Stream resets (RE-CONFIG, RFC 6525): how a data channel is closed (RFC 8831 section 6.7). Each side resets its own outgoing
 * streams, after everything sent on them is acknowledged; one request is under way at a time.
 */
import { TransportError } from '../transport-error.ts'
import { padded, readUint16, readUint32 } from './wire/bytes.ts'
import type { Control } from './control-plane.ts'
import { Deadline } from './timers.ts'
import type { Init } from './wire/init-chunk.ts'
import { CHUNK_HEADER_BYTES, Chunk } from './wire/packet.ts'
import type { SendQueue } from './send/send-queue.ts'
import { add32, isAfter32 } from './wire/serial-number.ts'

const Parameter = {
  outgoingReset: 13,
  incomingReset: 14,
  tsnReset: 15,
  response: 16,
  addOutgoing: 17,
  addIncoming: 18,
} as const
/** Results of a response (section 4.4). */
const Result = { performed: 1, denied: 2, inProgress: 6, badSequence: 5 } as const
const MAX_RETRANSMISSIONS = 10
const MAX_PARAMETERS = 2
/** Streams named in one request: it must fit the smallest packet. */
const MAX_STREAMS_PER_REQUEST = 200

export interface ResetEvents {
  onStreamsReset(streamIds: readonly number[]): void
  onResetDone(streamIds: readonly number[], performed: boolean): void
}

/** What the two halves of the association tell this one. */
export interface ResetTerrain {
  readonly queue: SendQueue
  /** TSN of the next new chunk. */
  nextTsn(): number
  /** Highest TSN up to which everything has come. */
  receivedTsn(): number
}

type Request = { readonly sequence: number; readonly streamIds: readonly number[]; readonly value: Buffer }

export class StreamReset {
  readonly #control: Control
  readonly #terrain: ResetTerrain
  readonly #events: ResetEvents
  readonly #timer: Deadline
  readonly #wanted = new Set<number>()
  readonly #isUnderstood: boolean
  #nextSequence: number
  #request: Request | undefined
  #retransmissions = 0
  #peerSequence: number
  /** The answer to the peer's last request, repeated when the request is. */
  #lastResult: number = Result.performed
  /** The peer's request that waits for chunks sent before it. */
  #deferred: { readonly sequence: number; readonly lastTsn: number; readonly streamIds: number[] } | undefined

  constructor(control: Control, terrain: ResetTerrain, events: ResetEvents, localTsn: number, peer: Init) {
    this.#control = control
    this.#terrain = terrain
    this.#events = events
    this.#nextSequence = localTsn
    this.#peerSequence = peer.initialTsn
    this.#isUnderstood = peer.reconfig
    this.#timer = new Deadline(control.host, () => this.#onTimer())
  }

  /** Resets the outgoing stream once all that was sent on it is acknowledged. */
  want(streamId: number): void {
    if (!this.#isUnderstood) {
      this.#events.onResetDone([streamId], false)
      return
    }
    this.#wanted.add(streamId)
    this.advance()
  }

  stop(): void {
    this.#timer.stop()
  }

  /** Something was acknowledged or received: a reset that waited may be possible now. */
  advance(): void {
    if (this.#deferred !== undefined) this.#performDeferred()
    if (this.#request !== undefined || this.#wanted.size === 0) return
    const streamIds: number[] = []
    for (const id of this.#wanted) {
      if (streamIds.length < MAX_STREAMS_PER_REQUEST && this.#terrain.queue.stream(id).pendingMessages === 0)
        streamIds.push(id)
    }
    if (streamIds.length === 0) return
    for (const id of streamIds) this.#wanted.delete(id)
    const sequence = this.#nextSequence
    this.#nextSequence = add32(sequence, 1)
    const value = encodeReset(
      sequence,
      add32(this.#peerSequence, -1),
      add32(this.#terrain.nextTsn(), -1),
      streamIds,
    )
    this.#request = { sequence, streamIds, value }
    this.#retransmissions = 0
    this.#send()
  }

  /** Reads the RE-CONFIG chunk at `at`: one or two parameters (section 3.1). */
  onReconfig(packet: Uint8Array, at: number, length: number): void {
    const end = at + length
    let next = at + CHUNK_HEADER_BYTES
    for (let count = 0; count < MAX_PARAMETERS && next + 4 <= end; count++) {
      const size = readUint16(packet, next + 2)
      if (size < 4 || next + size > end) return
      this.#onParameter(readUint16(packet, next), packet, next, size)
      next += padded(size)
    }
  }

  #onParameter(type: number, packet: Uint8Array, at: number, size: number): void {
    if (size < 8) return
    const sequence = readUint32(packet, at + 4)
    if (type === Parameter.response) {
      if (size >= 12) this.#onResponse(sequence, readUint32(packet, at + 8))
      return
    }
    if (type < Parameter.outgoingReset || type > Parameter.addIncoming) return
    if (sequence === add32(this.#peerSequence, -1)) this.#respond(sequence, this.#lastResult)
    else if (sequence !== this.#peerSequence) this.#respond(sequence, Result.badSequence)
    else if (type === Parameter.outgoingReset && size >= 16) this.#onOutgoingReset(packet, at, size, sequence)
    else {
      // WebRTC peers never ask for these.
      this.#peerSequence = add32(this.#peerSequence, 1)
      this.#lastResult = Result.denied
      this.#respond(sequence, Result.denied)
    }
  }

  #onOutgoingReset(packet: Uint8Array, at: number, size: number, sequence: number): void {
    const streamIds: number[] = []
    for (let next = at + 16; next + 2 <= at + size; next += 2) streamIds.push(readUint16(packet, next))
    this.#deferred = { sequence, lastTsn: readUint32(packet, at + 12), streamIds }
    this.#performDeferred()
    if (this.#deferred !== undefined) this.#respond(sequence, Result.inProgress)
  }

  #performDeferred(): void {
    const deferred = this.#deferred
    if (deferred === undefined || isAfter32(deferred.lastTsn, this.#terrain.receivedTsn())) return
    this.#deferred = undefined
    this.#peerSequence = add32(deferred.sequence, 1)
    this.#lastResult = Result.performed
    this.#respond(deferred.sequence, Result.performed)
    this.#events.onStreamsReset(deferred.streamIds)
  }

  #respond(sequence: number, result: number): void {
    const value = Buffer.alloc(12)
    value.writeUInt16BE(Parameter.response, 0)
    value.writeUInt16BE(12, 2)
    value.writeUInt32BE(sequence, 4)
    value.writeUInt32BE(result, 8)
    this.#control.sendChunk(Chunk.reconfig, value)
  }

  #onResponse(sequence: number, result: number): void {
    const request = this.#request
    if (request === undefined || sequence !== request.sequence) return
    if (result === Result.inProgress) {
      // The peer is there and still receiving: asking again is no failure.
      this.#retransmissions = 0
      return
    }
    this.#request = undefined
    this.#timer.clear()
    for (const id of request.streamIds) this.#terrain.queue.forgetStream(id)
    this.#events.onResetDone(request.streamIds, result <= Result.performed)
    this.advance()
  }

  #send(): void {
    if (this.#request === undefined) return
    this.#control.sendChunk(Chunk.reconfig, this.#request.value)
    this.#timer.set(this.#control.host.now() + this.#control.timeoutMs(this.#retransmissions))
  }

  #onTimer(): void {
    if (this.#retransmissions++ < MAX_RETRANSMISSIONS) this.#send()
    else this.#control.fail(new TransportError('interrupted', 'the peer does not answer a stream reset'))
  }
}

/** parameter 13 = [13:2][length:2][sequence:4][last peer sequence:4][last TSN assigned:4] (stream:2)... */
function encodeReset(
  sequence: number,
  response: number,
  lastTsn: number,
  streamIds: readonly number[],
): Buffer {
  const size = 16 + 2 * streamIds.length
  const value = Buffer.alloc(padded(size))
  value.writeUInt16BE(Parameter.outgoingReset, 0)
  value.writeUInt16BE(size, 2)
  value.writeUInt32BE(sequence, 4)
  value.writeUInt32BE(response, 8)
  value.writeUInt32BE(lastTsn, 12)
  for (let index = 0; index < streamIds.length; index++)
    value.writeUInt16BE(streamIds[index] ?? 0, 16 + 2 * index)
  return value
}
