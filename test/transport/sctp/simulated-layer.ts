/** What an association runs on in tests: a layer whose packets go wherever the test wants, and a virtual clock. */
import type { Layer } from '../../../transport/layer.ts'
import type { Runtime } from '../../../transport/sctp/runtime.ts'
import type { TransportError } from '../../../transport/transport-error.ts'
import type { VirtualTime } from '../../support/simulated-network.ts'

export class SimulatedLayer implements Layer {
  /** Delivers a packet from the other side. */
  deliver: (packet: Uint8Array) => void = () => {}
  /** Tells the association that a layer below has ended. */
  end: (reason?: TransportError) => void = () => {}
  readonly #send: (packet: Uint8Array) => void

  constructor(send: (packet: Uint8Array) => void) {
    this.#send = send
  }

  send(packet: Uint8Array): void {
    this.#send(packet)
  }

  onPacket(take: (packet: Uint8Array) => void): void {
    this.deliver = take
  }

  onClosed(take: (reason: TransportError | undefined) => void): void {
    this.end = (reason) => take(reason)
  }

  close(): void {}
}

/** Virtual time, and bytes from a seeded generator. */
export function virtualRuntime(time: VirtualTime, random: () => number): Runtime {
  return {
    now: () => time.now(),
    setTimer: (delayMs, call) => time.after(delayMs, call),
    defer: (call) => void time.after(0, call),
    randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256)),
  }
}
