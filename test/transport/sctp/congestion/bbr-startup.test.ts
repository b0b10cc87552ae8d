/** BBR on a path simulated round trip by round trip: what ends its startup, and what begins it again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bbr } from '../../../../transport/sctp/congestion/bbr.ts'
import { ackEvent, lossEvent } from './events.ts'

const PACKET_BYTES = 1_200
const ROUND_TRIP_MS = 50

/** A path that carries `bytesPerSecond`; a step is one round trip, acknowledged at once. */
class SteppedPath {
  bytesPerSecond: number
  readonly controller = bbr({ maxPacketBytes: PACKET_BYTES })
  #nowMs = 0
  #deliveredBytes = 0
  #queuedBytes = 0

  constructor(bytesPerSecond: number) {
    this.bytesPerSecond = bytesPerSecond
  }

  run(steps: number): void {
    for (let step = 0; step < steps; step++) this.step()
  }

  step(): void {
    const { windowBytes, pacingBytesPerSecond } = this.controller
    const room = Math.max(0, windowBytes - this.#queuedBytes)
    const sentBytes = Math.min(room, (pacingBytesPerSecond * ROUND_TRIP_MS) / 1_000)
    const inFlightBytes = sentBytes + this.#queuedBytes
    const ackedBytes = Math.min(inFlightBytes, (this.bytesPerSecond * ROUND_TRIP_MS) / 1_000)
    this.#queuedBytes = inFlightBytes - ackedBytes
    this.#nowMs += ROUND_TRIP_MS
    const priorDeliveredBytes = this.#deliveredBytes
    this.#deliveredBytes += ackedBytes
    this.#acknowledge({
      ackedBytes,
      inFlightBytes,
      priorDeliveredBytes,
      rttMs: ROUND_TRIP_MS + (1_000 * this.#queuedBytes) / this.bytesPerSecond,
    })
  }

  /** One packet of the round just acknowledged arrives late by itself, and `packets` are lost with it. */
  hesitate(lateMs: number, packets: number): void {
    this.#acknowledge({
      ackedBytes: 0,
      inFlightBytes: this.controller.windowBytes,
      priorDeliveredBytes: 0,
      rttMs: ROUND_TRIP_MS + lateMs,
    })
    const lostBytes = packets * PACKET_BYTES
    this.controller.onLoss(lossEvent({ nowMs: this.#nowMs, lostBytes, startsEpisode: true }))
  }

  #acknowledge(sample: {
    ackedBytes: number
    inFlightBytes: number
    priorDeliveredBytes: number
    rttMs: number
  }): void {
    const deliveredBytes = this.#deliveredBytes
    const nowMs = this.#nowMs
    const rateBytesPerSecond = (sample.ackedBytes * 1_000) / ROUND_TRIP_MS
    this.controller.onAck(
      ackEvent({
        ...sample,
        nowMs,
        deliveredBytes,
        rateBytesPerSecond,
        isWindowLimited: true,
      }),
    )
  }
}

test('losses next to a packet that was merely late do not end startup', () => {
  const path = new SteppedPath(100e6)
  for (let step = 0; step < 20; step++) {
    path.step()
    path.hesitate(25, 12)
  }
  assert.ok(path.controller.pacingBytesPerSecond > 90e6, `${path.controller.pacingBytesPerSecond}`)
})

test('one probe is enough to use a path whose bandwidth has grown a hundredfold', () => {
  const path = new SteppedPath(1e6)
  path.run(100)
  assert.ok(path.controller.pacingBytesPerSecond < 2e6, `${path.controller.pacingBytesPerSecond}`)
  path.bytesPerSecond = 100e6
  path.run(100)
  assert.ok(path.controller.pacingBytesPerSecond > 80e6, `${path.controller.pacingBytesPerSecond}`)
})
