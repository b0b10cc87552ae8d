/** Decides when packets leave: at the end of a turn of the event loop, when loss recovery is due, or at the controller's pace. */
import { TransportError } from '../../transport-error.ts'
import type { DataReceiver } from '../receive/data-receiver.ts'
import type { SackSchedule } from '../receive/sack-schedule.ts'
import type { Shutdown } from '../shutdown.ts'
import { PACING_INTERVAL_MS, Timer } from '../timers.ts'
import type { Tracer } from '../trace.ts'
import { ErrorCause } from '../wire/error-chunk.ts'
import type { PacketWriter } from '../wire/packet.ts'
import type { DataSender, Hold } from './data-sender.ts'
import type { PacketSender } from './packet-sender.ts'

/** Packets sent in one go before the event loop gets to read what has arrived. */
const BURST_PACKETS = 64
const DEFAULT_ROOM_BYTES = 1_048_576

export type PacketSchedulerParts = {
  readonly packetSender: PacketSender
  readonly sender: DataSender
  readonly sackSchedule: SackSchedule
  readonly shutdown: Shutdown
  readonly tracer: Tracer | undefined
  /** 1 MiB when absent. */
  readonly roomBytes: number | undefined
  onRoom(): void
}

export class PacketScheduler {
  sacks = 0
  readonly #parts: PacketSchedulerParts
  readonly #runFlush = (): void => this.flush()
  readonly #roomBytes: number
  #receiver: DataReceiver | undefined
  #isScheduled = false
  #hasEnded = false
  /** The queue has risen above `roomBytes` since `onRoom` was last called. */
  #wantsRoom = false

  constructor(parts: PacketSchedulerParts) {
    const { timers } = parts.packetSender
    this.#parts = parts
    this.#roomBytes = parts.roomBytes ?? DEFAULT_ROOM_BYTES
    timers.onExpiry(Timer.lossRecovery, () => this.#onRecoveryTimer())
    timers.onExpiry(Timer.pacing, this.#runFlush)
  }

  /** From here on data may leave, and what `receiver` gets is acknowledged. */
  open(receiver: DataReceiver): void {
    this.#receiver = receiver
    this.schedule()
  }

  stop(): void {
    this.#hasEnded = true
  }

  /** A message was added to the queue. */
  onQueued(): void {
    if (this.#parts.sender.queue.bufferedBytes > this.#roomBytes) this.#wantsRoom = true
    this.schedule()
  }

  /** Flushes at the end of this turn. */
  schedule(): void {
    if (this.#isScheduled || this.#hasEnded) return
    this.#isScheduled = true
    this.#parts.packetSender.runtime.defer(this.#runFlush)
  }

  /** Sends everything that may leave now: the SACK that is due, lost chunks, new chunks. */
  flush(): void {
    this.#isScheduled = false
    const receiver = this.#receiver
    if (this.#hasEnded || receiver === undefined) return
    const { sender, shutdown, packetSender } = this.#parts
    const { runtime, timers } = packetSender
    const nowMs = runtime.now()
    const sacksBefore = this.sacks
    const hold = this.#sendBurst(receiver, nowMs)
    if (this.sacks > sacksBefore) shutdown.onSackSent()
    if (hold === 'none') this.schedule()
    if (hold === 'pace') timers.setIfEarlier(Timer.pacing, nowMs + PACING_INTERVAL_MS)
    timers.set(Timer.lossRecovery, sender.deadlineMs())
    if (shutdown.hasBegun && sender.isIdle) shutdown.onIdle()
    if (this.#wantsRoom && sender.queue.bufferedBytes <= this.#roomBytes) {
      this.#wantsRoom = false
      this.#parts.onRoom()
    }
  }

  #sendBurst(receiver: DataReceiver, nowMs: number): Hold {
    const { packetSender, sender, sackSchedule } = this.#parts
    for (let packets = 0; packets < BURST_PACKETS; packets++) {
      const writer = packetSender.begin()
      if (sackSchedule.isDue) this.#writeSack(writer, receiver)
      const hold = sender.fill(writer, nowMs)
      if (writer.isEmpty) return hold
      packetSender.transmit()
    }
    return 'none'
  }

  #writeSack(writer: PacketWriter, receiver: DataReceiver): void {
    const { sender, sackSchedule, tracer } = this.#parts
    const sack = receiver.writeSack(writer, sender.maxPacketBytes - writer.length)
    sackSchedule.onSackSent()
    this.sacks++
    tracer?.sack('sack_sent', sack)
  }

  #onRecoveryTimer(): void {
    const { packetSender, sender } = this.#parts
    if (sender.onDeadline(packetSender.runtime.now())) {
      this.flush()
      return
    }
    const reason = new TransportError('interrupted', 'the peer no longer acknowledges anything')
    packetSender.fail(reason, ErrorCause.userInitiatedAbort)
  }
}
