/**
 * Stream resets (RE-CONFIG, RFC 6525): how a data channel is closed (RFC 8831 section 6.7). Each side resets its own outgoing
 * streams, after everything sent on them is acknowledged; one request is outstanding at a time.
 */
import { TransportError } from '../transport-error.ts'
import type { ControlPlane } from './control-plane.ts'
import type { SendQueue } from './send/send-queue.ts'
import { MAX_RETRANSMISSIONS, Timer } from './timers.ts'
import type { Init } from './wire/init-chunk.ts'
import type { ControlChunk } from './wire/packet.ts'
import {
  encodeOutgoingReset,
  encodeReconfigResponse,
  type OutgoingReset,
  type ReconfigParameter,
  ReconfigResult,
} from './wire/reconfig-chunk.ts'
import { add32, isAfter32 } from './wire/serial-number.ts'

/** Streams named in one request: it must fit into the smallest packet. */
const MAX_STREAMS_PER_REQUEST = 200

export interface StreamResetEvents {
  onStreamsReset(streamIds: readonly number[]): void
  onResetDone(streamIds: readonly number[], performed: boolean): void
}

/** What a reset depends on in the sending and receiving halves. */
export interface StreamProgress {
  readonly queue: SendQueue
  /** TSN of the next new chunk. */
  nextTsn(): number
  /** Highest TSN up to which everything has arrived. */
  receivedTsn(): number
}

type PendingRequest = {
  readonly sequence: number
  readonly streamIds: readonly number[]
  readonly chunk: ControlChunk
}

export class StreamReset {
  readonly #control: ControlPlane
  readonly #progress: StreamProgress
  readonly #events: StreamResetEvents
  /** Streams to reset once everything sent on them is acknowledged. */
  readonly #waiting = new Set<number>()
  readonly #isSupported: boolean
  #nextSequence: number
  #request: PendingRequest | undefined
  #retransmissions = 0
  /** The sequence number that the peer's next request must have. */
  #peerSequence: number
  /** The answer to the peer's last request, given again when the request is repeated. */
  #lastResult: number = ReconfigResult.performed
  /** The peer's request, while chunks that were sent before it are missing. */
  #deferred: OutgoingReset | undefined

  /** `initialTsn` is this side's: request numbers begin with it (RFC 6525 section 4.1). */
  constructor(
    control: ControlPlane,
    progress: StreamProgress,
    events: StreamResetEvents,
    initialTsn: number,
    peer: Init,
  ) {
    this.#control = control
    this.#progress = progress
    this.#events = events
    this.#nextSequence = initialTsn
    this.#peerSequence = peer.initialTsn
    this.#isSupported = peer.reconfig
    control.timers.onExpiry(Timer.streamReset, () => this.#onTimeout())
  }

  /** Resets the outgoing stream once everything sent on it is acknowledged. */
  reset(streamId: number): void {
    if (!this.#isSupported) {
      this.#events.onResetDone([streamId], false)
      return
    }
    this.#waiting.add(streamId)
    this.advance()
  }

  /** Something was acknowledged or received: a reset that had to wait may be possible now. */
  advance(): void {
    if (this.#deferred !== undefined) this.#performDeferred()
    if (this.#request !== undefined || this.#waiting.size === 0) return
    const streamIds: number[] = []
    for (const id of this.#waiting) {
      const { pendingMessages } = this.#progress.queue.stream(id)
      if (streamIds.length < MAX_STREAMS_PER_REQUEST && pendingMessages === 0) streamIds.push(id)
    }
    if (streamIds.length === 0) return
    for (const id of streamIds) this.#waiting.delete(id)
    const sequence = this.#nextSequence
    this.#nextSequence = add32(sequence, 1)
    const chunk = encodeOutgoingReset({
      sequence,
      responseSequence: add32(this.#peerSequence, -1),
      lastTsn: add32(this.#progress.nextTsn(), -1),
      streamIds,
    })
    this.#request = { sequence, streamIds, chunk }
    this.#retransmissions = 0
    this.#send()
  }

  /** A parameter of a RE-CONFIG has arrived. */
  onParameter(parameter: ReconfigParameter): void {
    const { sequence } = parameter
    if (parameter.kind === 'response') this.#onResponse(sequence, parameter.result)
    else if (sequence === add32(this.#peerSequence, -1)) this.#respond(sequence, this.#lastResult)
    else if (sequence !== this.#peerSequence) this.#respond(sequence, ReconfigResult.badSequence)
    else if (parameter.kind === 'outgoing reset') {
      this.#deferred = parameter
      this.#performDeferred()
      if (this.#deferred !== undefined) this.#respond(sequence, ReconfigResult.inProgress)
    } else {
      this.#peerSequence = add32(this.#peerSequence, 1)
      this.#lastResult = ReconfigResult.denied
      this.#respond(sequence, ReconfigResult.denied)
    }
  }

  #performDeferred(): void {
    const deferred = this.#deferred
    if (deferred === undefined || isAfter32(deferred.lastTsn, this.#progress.receivedTsn())) return
    this.#deferred = undefined
    this.#peerSequence = add32(deferred.sequence, 1)
    this.#lastResult = ReconfigResult.performed
    this.#respond(deferred.sequence, ReconfigResult.performed)
    this.#events.onStreamsReset(deferred.streamIds)
  }

  #respond(sequence: number, result: number): void {
    this.#control.sendChunk(encodeReconfigResponse(sequence, result))
  }

  #onResponse(sequence: number, result: number): void {
    const request = this.#request
    if (request === undefined || sequence !== request.sequence) return
    if (result === ReconfigResult.inProgress) {
      // The peer is there and still receiving: sending the request again does not count as a failure.
      this.#retransmissions = 0
      return
    }
    this.#request = undefined
    this.#control.timers.clear(Timer.streamReset)
    for (const id of request.streamIds) this.#progress.queue.forgetStream(id)
    this.#events.onResetDone(request.streamIds, result <= ReconfigResult.performed)
    this.advance()
  }

  #send(): void {
    const control = this.#control
    if (this.#request === undefined) return
    control.sendChunk(this.#request.chunk)
    const timeoutMs = control.retransmissionTimeoutMs(this.#retransmissions)
    control.timers.set(Timer.streamReset, control.runtime.now() + timeoutMs)
  }

  #onTimeout(): void {
    if (this.#retransmissions++ < MAX_RETRANSMISSIONS) this.#send()
    else this.#control.fail(new TransportError('interrupted', 'the peer does not answer a stream reset'))
  }
}
