/**
 * Rate-based congestion control after BBR version 3 (draft-ietf-ccwg-bbr): send at the measured bandwidth, keep about one
 * bandwidth-delay product in flight, probe for more from time to time, and back off when losses come with a queue. It differs
 * from the draft in that last point (see PathModel.onLoss): losses without a queue are noise, so a lossy link is used in full.
 */
import { PathModel } from './bbr-model.ts'
import type { AckEvent, CongestionController, LossEvent } from './congestion-controller.ts'
import type { MakeCongestionController } from './congestion-controller.ts'

/** Gains by phase (draft sections 5.3 and 5.6.1): pacing relative to the bandwidth, window relative to the bandwidth-delay product. */
const GAINS = {
  startup: { pacing: 2.77, window: 2 },
  drain: { pacing: 0.5, window: 2 },
  down: { pacing: 0.9, window: 2 },
  cruise: { pacing: 1, window: 2 },
  refill: { pacing: 1, window: 2 },
  up: { pacing: 1.25, window: 2.25 },
  probeRtt: { pacing: 1, window: 0.5 },
} as const
type Phase = keyof typeof GAINS

/** Slightly below the bandwidth, so that a standing queue drains by itself (PacingMarginPercent). */
const PACING_MARGIN = 0.99
const INITIAL_WINDOW_PACKETS = 10
const MIN_WINDOW_PACKETS = 4
/** A congested round reduces bandwidth and ceiling to this share at most (Beta). */
const BETA = 0.7
/** The measured bandwidth needs one round trip in flight, and a little more for acknowledgements that come in bursts. */
const FLOOR_GAIN = 1.1
/** Share of the ceiling that is used while cruising, so that other flows find room (Headroom). */
const HEADROOM = 0.85
/** Three rounds without a quarter more bandwidth: the pipe is full (section 5.3.1.2). */
const FULL_PIPE_GROWTH = 1.25
const FULL_PIPE_ROUNDS = 3
/** Packets that a round of startup must lose before losses end it (StartupFullLossCnt): one or two prove nothing. */
const STARTUP_LOST_PACKETS = 6
/** A probe sends a quarter more: if half of that was delivered without a queue, the pipe is not full. */
const PROBE_GROWTH = 1.12
const PROBE_RTT_INTERVAL_MS = 5_000
const PROBE_RTT_DURATION_MS = 200
/** Time between probes: random in this range, or as many rounds as a Reno flow would need (section 5.3.3.5.3). */
const PROBE_WAIT_MS = [2_000, 3_000] as const
/** The first probe comes soon, because losses on a busy machine may have ended startup too early. */
const FIRST_PROBE_WAIT_MS = 400
const PROBE_WAIT_MAX_ROUNDS = 63
/** Its growth doubles each round: by then the ceiling has risen by 255 packets. */
const MAX_UP_ROUNDS = 8
/** The pacing timer ticks once a millisecond; three ticks must fit in the window besides the round trip (section 5.5.8). */
const QUANTUM_MS = 1
const QUANTA_IN_FLIGHT = 3

class Bbr implements CongestionController {
  readonly name = 'bbr'
  windowBytes: number
  pacingBytesPerSecond: number
  readonly #random: () => number
  readonly #model = new PathModel()
  #maxPacketBytes: number
  #phase: Phase = 'startup'
  #fullBandwidth = 0
  #fullBandwidthRounds = 0
  /** The ceiling: above it a queue has overflowed. Only probing raises it. */
  #inFlightHighBytes = Infinity
  /** Upper bound on the bandwidth after recent congestion; lifted by the next probe. */
  #bandwidthLow = Infinity
  #phaseStartMs = 0
  #phaseStartRound = 0
  #probeWaitMs = 0
  #probeUpPackets = 1
  #lastProbeRttMs = -1
  #windowBeforeTimeoutBytes = 0

  constructor(maxPacketBytes: number, random: () => number) {
    this.#random = random
    this.#maxPacketBytes = maxPacketBytes
    this.windowBytes = INITIAL_WINDOW_PACKETS * maxPacketBytes
    // Until a round trip is known one millisecond is assumed, so that the initial window leaves at once.
    this.pacingBytesPerSecond = GAINS.startup.pacing * this.windowBytes * 1000
  }

  onSent(): void {}

  onAck(ack: AckEvent): void {
    this.#model.onAck(ack)
    if (this.#lastProbeRttMs < 0) this.#lastProbeRttMs = ack.nowMs
    if (this.#model.roundStarted) this.#onRound(ack)
    this.#advancePhase(ack)
    this.#checkProbeRtt(ack)
    this.#updatePacing()
    this.#updateWindow(ack)
  }

  onLoss(loss: LossEvent): void {
    this.#model.onLoss(loss)
    if (this.#phase === 'up' && this.#model.roundIsCongested)
      this.#endProbeTooHigh(loss.nowMs, loss.inFlightAtSendBytes)
  }

  onTimeout(): void {
    this.#windowBeforeTimeoutBytes = Math.max(this.windowBytes, this.#windowBeforeTimeoutBytes)
    this.windowBytes = this.#maxPacketBytes
  }

  onIdle(nowMs: number): void {
    // What was measured before is still the best estimate; pacing at that rate prevents the burst that a stale window would allow.
    this.#lastProbeRttMs = nowMs
    this.#model.minRttStampMs = nowMs
  }

  setMaxPacketBytes(maxPacketBytes: number): void {
    this.#maxPacketBytes = maxPacketBytes
    this.windowBytes = Math.max(this.windowBytes, MIN_WINDOW_PACKETS * maxPacketBytes)
  }

  get #bandwidth(): number {
    return Math.min(this.#model.maxBandwidth, this.#bandwidthLow)
  }

  #bdpBytes(gain: number): number {
    return (gain * this.#bandwidth * this.#model.minRttMs) / 1000
  }

  #enter(phase: Phase, nowMs: number): void {
    this.#phase = phase
    this.#phaseStartMs = nowMs
    this.#phaseStartRound = this.#model.rounds
  }

  #onRound(ack: AckEvent): void {
    if (this.#phase === 'startup') this.#checkFullPipe(ack)
    else if (this.#model.roundWasCongested && this.#phase !== 'up' && this.#phase !== 'refill')
      this.#backOff()
  }

  #checkFullPipe(ack: AckEvent): void {
    const model = this.#model
    if (model.roundWasCongested && model.priorRoundLostBytes >= STARTUP_LOST_PACKETS * this.#maxPacketBytes) {
      this.#inFlightHighBytes = Math.max(this.#bdpBytes(1), model.inFlightLatestBytes)
      return this.#enter('drain', ack.nowMs)
    }
    if (ack.isAppLimited) return
    if (model.maxBandwidth >= this.#fullBandwidth * FULL_PIPE_GROWTH) {
      this.#fullBandwidth = model.maxBandwidth
      this.#fullBandwidthRounds = 0
    } else if (++this.#fullBandwidthRounds >= FULL_PIPE_ROUNDS) this.#enter('drain', ack.nowMs)
  }

  /** Section 5.5.10.3: down to what the round delivered, but by no more than Beta at a time. */
  #backOff(): void {
    const model = this.#model
    this.#bandwidthLow = Math.max(model.bandwidthLatest, BETA * this.#bandwidth)
    this.#inFlightHighBytes = this.#lowered(Math.min(this.#inFlightHighBytes, this.windowBytes))
  }

  #advancePhase(ack: AckEvent): void {
    const inPhaseRounds = this.#model.rounds - this.#phaseStartRound
    switch (this.#phase) {
      case 'drain':
        if (ack.inFlightBytes <= this.#bdpBytes(1)) this.#startDown(ack.nowMs, FIRST_PROBE_WAIT_MS)
        break
      case 'down':
        if (this.#isTimeToProbe(ack)) this.#startRefill(ack)
        else if (ack.inFlightBytes <= Math.min(this.#bdpBytes(1), this.#inFlightHighBytes * HEADROOM))
          this.#enterCruise()
        break
      case 'cruise':
        if (this.#isTimeToProbe(ack)) this.#startRefill(ack)
        break
      case 'refill':
        if (inPhaseRounds >= 1) this.#startUp(ack)
        break
      case 'up':
        this.#raiseCeiling(ack)
        if (inPhaseRounds >= 1 && ack.inFlightBytes >= this.#bdpBytes(GAINS.up.pacing)) this.#endProbe(ack)
        else if (inPhaseRounds >= MAX_UP_ROUNDS) this.#endProbe(ack)
        break
      case 'startup':
      case 'probeRtt':
    }
  }

  #startDown(nowMs: number, waitMs?: number): void {
    this.#model.advanceCycle()
    this.#probeWaitMs = waitMs ?? PROBE_WAIT_MS[0] + this.#random() * (PROBE_WAIT_MS[1] - PROBE_WAIT_MS[0])
    this.#enter('down', nowMs)
  }

  /** The waiting time that began with `down` goes on. */
  #enterCruise(): void {
    this.#phase = 'cruise'
  }

  #isTimeToProbe(ack: AckEvent): boolean {
    const renoRounds = Math.min(PROBE_WAIT_MAX_ROUNDS, Math.max(1, this.#bdpBytes(1) / this.#maxPacketBytes))
    return (
      ack.nowMs - this.#phaseStartMs >= this.#probeWaitMs ||
      this.#model.rounds - this.#phaseStartRound >= renoRounds
    )
  }

  #startRefill(ack: AckEvent): void {
    this.#bandwidthLow = Infinity
    this.#model.restartRound(ack.deliveredBytes)
    this.#enter('refill', ack.nowMs)
  }

  #startUp(ack: AckEvent): void {
    this.#probeUpPackets = 1
    this.#fullBandwidth = this.#model.maxBandwidth
    this.#model.restartRound(ack.deliveredBytes)
    this.#enter('up', ack.nowMs)
  }

  /** Section 5.3.3.6: while the ceiling is the limit, raise it, twice as fast each round. */
  #raiseCeiling(ack: AckEvent): void {
    if (!ack.isWindowLimited || this.windowBytes < this.#inFlightHighBytes) return
    this.#inFlightHighBytes +=
      (this.#probeUpPackets * this.#maxPacketBytes * ack.ackedBytes) / this.windowBytes
    if (this.#model.roundStarted) this.#probeUpPackets *= 2
  }

  /**
   * A probe that finds that much more bandwidth and no queue is far below the limit: startup ended too early, or another flow
   * has ended. Startup begins again, since single probes, seconds apart, would take a minute to get there.
   */
  #endProbe(ack: AckEvent): void {
    const model = this.#model
    if (model.hasQueue || ack.isAppLimited || model.maxBandwidth < this.#fullBandwidth * PROBE_GROWTH)
      return this.#startDown(ack.nowMs)
    this.#inFlightHighBytes = Infinity
    this.#fullBandwidthRounds = 0
    this.#enter('startup', ack.nowMs)
  }

  #endProbeTooHigh(nowMs: number, inFlightAtSendBytes: number): void {
    this.#inFlightHighBytes = this.#lowered(inFlightAtSendBytes)
    this.#startDown(nowMs)
  }

  /** A level that overflowed, reduced: Beta of it, but enough for the measured bandwidth. */
  #lowered(inFlightBytes: number): number {
    const ownBytes = (this.#model.maxBandwidth * this.#model.minRttMs) / 1000
    return Math.max(BETA * inFlightBytes, FLOOR_GAIN * ownBytes + this.#allowanceBytes())
  }

  #checkProbeRtt(ack: AckEvent): void {
    const model = this.#model
    if (this.#phase === 'probeRtt') {
      const isDone =
        ack.nowMs - this.#phaseStartMs >= PROBE_RTT_DURATION_MS && model.rounds > this.#phaseStartRound
      if (isDone) this.#leaveProbeRtt(ack.nowMs)
    } else if (this.#phase !== 'startup' && ack.nowMs - this.#lastProbeRttMs > PROBE_RTT_INTERVAL_MS) {
      // A recent minimum that was seen without a probe is as good: an idle or slow sender needs no probe.
      this.#lastProbeRttMs = ack.nowMs
      if (ack.nowMs - model.minRttStampMs > PROBE_RTT_INTERVAL_MS) this.#enter('probeRtt', ack.nowMs)
    }
  }

  #leaveProbeRtt(nowMs: number): void {
    this.#lastProbeRttMs = nowMs
    this.#model.minRttStampMs = nowMs
    this.#startDown(nowMs)
    this.#enterCruise()
  }

  #updatePacing(): void {
    if (this.#model.minRttMs === 0 || this.#bandwidth === 0) return
    const rate = GAINS[this.#phase].pacing * this.#bandwidth * PACING_MARGIN
    // In startup the rate only rises: the first samples come from few packets and are too low.
    if (this.#phase !== 'startup' || rate > this.pacingBytesPerSecond || this.#model.rounds < 2) {
      this.pacingBytesPerSecond = rate
    }
  }

  /** Section 5.6.4.6: grow by what was acknowledged, up to the phase's gain. */
  #updateWindow(ack: AckEvent): void {
    const target = this.#bdpBytes(GAINS[this.#phase].window) + this.#allowanceBytes()
    const grown = Math.max(this.windowBytes, this.#windowBeforeTimeoutBytes) + ack.ackedBytes
    this.#windowBeforeTimeoutBytes = 0
    const isFilling = this.#phase === 'startup' && (this.windowBytes < target || this.#model.rounds < 2)
    const window = Math.min(isFilling ? grown : Math.min(grown, target), this.#ceilingBytes())
    this.windowBytes = Math.max(MIN_WINDOW_PACKETS * this.#maxPacketBytes, window)
  }

  #allowanceBytes(): number {
    if (this.#phase === 'probeRtt') return 0
    return this.#model.extraAckedBytes + (QUANTA_IN_FLIGHT * QUANTUM_MS * this.pacingBytesPerSecond) / 1000
  }

  #ceilingBytes(): number {
    if (this.#phase === 'startup') return Infinity
    const isProbing = this.#phase === 'refill' || this.#phase === 'up'
    if (isProbing) return this.#inFlightHighBytes
    const needed = Math.min(this.#inFlightHighBytes, this.#bdpBytes(FLOOR_GAIN) + this.#allowanceBytes())
    return Math.max(this.#inFlightHighBytes * HEADROOM, needed)
  }
}

/** Random waiting times keep the probes of flows that began together apart. */
export const bbr: MakeCongestionController = ({ maxPacketBytes }) => new Bbr(maxPacketBytes, Math.random)
