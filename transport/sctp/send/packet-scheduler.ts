/** Decides when packets leave: at the end of a turn, when a timer of the loss recovery is due, or at the pace of the controller. */
import { TransportError } from '../../transport-error.ts'
import { Cause } from '../control-plane.ts'
import { Deadline } from '../timers.ts'
import type { Inbound } from '../receive/packet-receiver.ts'
import type { Outlet } from './packet-sender.ts'
import { PACING_INTERVAL_MS } from './pacer.ts'
import type { PacketWriter } from '../wire/packet.ts'
import type { Receiver } from '../receive/data-receiver.ts'
import type { Hold, Sender } from './data-sender.ts'
import type { Shutdown } from '../shutdown.ts'

/** Packets in one go before the event loop may read what has come meanwhile. */
const BURST_PACKETS = 64

export type OutboundParts = {
  readonly outlet: Outlet
  readonly sender: Sender
  readonly inbound: Inbound
  readonly shutdown: Shutdown
  readonly roomBytes: number
  onRoom(): void
}

export class Outbound {
  sacks = 0
  readonly #parts: OutboundParts
  readonly #recoveryTimer: Deadline
  readonly #pacingTimer: Deadline
  readonly #runFlush = (): void => this.flush()
  #receiver: Receiver | undefined
  #isScheduled = false
  #hasEnded = false
  #wantsRoom = false

  constructor(parts: OutboundParts) {
    const { host } = parts.outlet
    this.#parts = parts
    this.#recoveryTimer = new Deadline(host, () => this.#onRecoveryTimer())
    this.#pacingTimer = new Deadline(host, this.#runFlush)
  }

  /** From here on data may leave, and what `receiver` gets is reported. */
  open(receiver: Receiver): void {
    this.#receiver = receiver
    this.schedule()
  }

  stop(): void {
    this.#hasEnded = true
    this.#recoveryTimer.stop()
    this.#pacingTimer.stop()
  }

  /** Something was added to the queue. */
  onQueued(): void {
    if (this.#parts.sender.queue.bufferedBytes > this.#parts.roomBytes) this.#wantsRoom = true
    this.schedule()
  }

  /** Flushes at the end of this turn. */
  schedule(): void {
    if (this.#isScheduled || this.#hasEnded) return
    this.#isScheduled = true
    this.#parts.outlet.host.defer(this.#runFlush)
  }

  /** Everything that may leave now, leaves: the SACK that is due, what was lost, what is new. */
  flush(): void {
    this.#isScheduled = false
    const receiver = this.#receiver
    if (this.#hasEnded || receiver === undefined) return
    const { sender, shutdown, outlet } = this.#parts
    const now = outlet.host.now()
    const sacksBefore = this.sacks
    const hold = this.#burst(receiver, now)
    if (this.sacks > sacksBefore) shutdown.onSack()
    if (hold === 'none') this.schedule()
    if (hold === 'pace') this.#pacingTimer.setIfEarlier(now + PACING_INTERVAL_MS)
    this.#recoveryTimer.set(sender.deadlineMs())
    if (shutdown.hasBegun && sender.isIdle) shutdown.onIdle()
    if (this.#wantsRoom && sender.queue.bufferedBytes <= this.#parts.roomBytes) {
      this.#wantsRoom = false
      this.#parts.onRoom()
    }
  }

  #burst(receiver: Receiver, now: number): Hold {
    const { outlet, sender, inbound } = this.#parts
    for (let packets = 0; packets < BURST_PACKETS; packets++) {
      const writer = outlet.begin()
      if (inbound.isSackDue) this.#writeSack(writer, receiver)
      const hold = sender.fill(writer, now)
      if (writer.isEmpty) return hold
      outlet.transmit()
    }
    return 'none'
  }

  #writeSack(writer: PacketWriter, receiver: Receiver): void {
    receiver.writeSack(writer, this.#parts.sender.maxPacketBytes - writer.length)
    this.#parts.inbound.onSackSent()
    this.sacks++
  }

  #onRecoveryTimer(): void {
    const { outlet, sender } = this.#parts
    if (sender.onDeadline(outlet.host.now())) this.flush()
    else
      outlet.fail(
        new TransportError('interrupted', 'the peer acknowledges nothing any more'),
        Cause.userAbort,
      )
  }
}
