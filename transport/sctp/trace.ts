/**
 * The packet trace: one flat JSON object for each event, for jq and a plotter. An association calls `AssociationOptions.trace`
 * with each; without a sink nothing is built. Names of events and fields are stable.
 *
 * Every event has
 *   ms        when, in milliseconds on the association's clock
 *   event     what, see below
 *   cwnd      congestion window in bytes, after the event
 *   inflight  bytes of DATA chunks in flight, after the event; chunks are counted with header and padding, here and in `bytes`
 *
 * | event                      | further fields           | meaning                                                              |
 * |----------------------------|--------------------------|----------------------------------------------------------------------|
 * | sent, retransmitted        | tsn bytes                | a DATA chunk has left, for the first time or again                   |
 * | acked                      | tsn bytes                | acknowledged for the first time, cumulatively or by a gap block      |
 * | lost                       | tsn bytes                | no longer in flight and waiting to be retransmitted                  |
 * | reneged                    | tsn bytes                | acknowledged by a gap block, then discarded by the peer: as if lost  |
 * | received                   | tsn bytes                | a DATA chunk has arrived for the first time                          |
 * | duplicate, refused         | tsn bytes                | ... again, or without room for it                                    |
 * | sack_sent, sack_received   | tsn window gaps          | cumulative TSN, receive window in bytes, number of gap blocks        |
 * | rtt                        | rtt_ms srtt_ms rto_ms    | a round-trip sample, the smoothed value and the time-out after it    |
 * | cwnd                       | pacing                   | the controller has changed window or pacing rate (bytes/s, or null)  |
 * | probe                      |                          | a tail-loss probe is due: what it retransmits does not count as lost |
 * | timeout                    | expiries                 | T3-rtx has expired; how many times in a row                          |
 * | state                      | state                    | the association has entered this state                               |
 *
 * At any moment the bytes of `sent` are those of `acked`, less those of `reneged`, and of what is outstanding.
 *
 *   jq -r 'select(.event == "cwnd") | [.ms, .cwnd, .inflight] | @tsv' trace.ndjson
 */
import { retransmissionTimeoutMs } from './retransmission-timeout.ts'
import type { Runtime } from './runtime.ts'
import type { RoundTrip } from './send/round-trip.ts'
import type { Sack } from './wire/sack-chunk.ts'

export type ChunkTraceEvent =
  | 'sent'
  | 'retransmitted'
  | 'acked'
  | 'lost'
  | 'reneged'
  | 'received'
  | 'duplicate'
  | 'refused'

type TraceDetail =
  | { readonly event: ChunkTraceEvent; readonly tsn: number; readonly bytes: number }
  | {
      readonly event: 'sack_sent' | 'sack_received'
      readonly tsn: number
      readonly window: number
      readonly gaps: number
    }
  | { readonly event: 'rtt'; readonly rtt_ms: number; readonly srtt_ms: number; readonly rto_ms: number }
  | { readonly event: 'cwnd'; readonly pacing: number | null }
  | { readonly event: 'probe' }
  | { readonly event: 'timeout'; readonly expiries: number }
  | { readonly event: 'state'; readonly state: string }

export type AssociationTraceEvent = {
  readonly ms: number
  readonly cwnd: number
  readonly inflight: number
} & TraceDetail

export type TraceSink = (event: AssociationTraceEvent) => void

/** What every event needs from the sending half. */
export type TracedSender = {
  readonly congestion: { readonly windowBytes: number; readonly pacingBytesPerSecond: number }
  readonly ring: { readonly inFlightBytes: number }
}

/** Completes events and hands them to the sink. The parts of an association hold `Tracer | undefined` and call it by `?.`. */
export class Tracer {
  readonly #sink: TraceSink
  readonly #runtime: Runtime
  readonly #sender: TracedSender
  #cwnd = 0
  #pacing = 0

  constructor(sink: TraceSink, runtime: Runtime, sender: TracedSender) {
    this.#sink = sink
    this.#runtime = runtime
    this.#sender = sender
  }

  emit(detail: TraceDetail): void {
    const cwnd = this.#sender.congestion.windowBytes
    const inflight = this.#sender.ring.inFlightBytes
    this.#sink({ ms: this.#runtime.now(), ...detail, cwnd, inflight })
  }

  sack(event: 'sack_sent' | 'sack_received', sack: Sack): void {
    this.emit({ event, tsn: sack.cumulativeTsn, window: sack.windowBytes, gaps: sack.blockCount })
  }

  chunk(event: ChunkTraceEvent, tsn: number, bytes: number): void {
    this.emit({ event, tsn, bytes })
  }

  /** A sample was just added. */
  roundTrip(roundTrip: RoundTrip): void {
    const rtoMs = retransmissionTimeoutMs(roundTrip, 0)
    this.emit({ event: 'rtt', rtt_ms: roundTrip.latestMs, srtt_ms: roundTrip.smoothedMs, rto_ms: rtoMs })
  }

  /** To be called whenever the controller may have changed its window or rate. */
  controller(): void {
    const { windowBytes, pacingBytesPerSecond } = this.#sender.congestion
    if (windowBytes === this.#cwnd && pacingBytesPerSecond === this.#pacing) return
    this.#cwnd = windowBytes
    this.#pacing = pacingBytesPerSecond
    this.emit({ event: 'cwnd', pacing: Number.isFinite(pacingBytesPerSecond) ? pacingBytesPerSecond : null })
  }
}
