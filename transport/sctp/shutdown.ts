/** The orderly end (RFC 9260 section 9.2): nothing new is accepted, what was accepted still arrives, then three chunks say so. */
import { TransportError } from '../transport-error.ts'
import type { Control } from './control-plane.ts'
import { Deadline } from './timers.ts'
import { Chunk } from './wire/packet.ts'

const MAX_RETRANSMISSIONS = 10
const NOTHING = Buffer.alloc(0)

/** `pending` and `received` still send data; `sent` and `acknowledged` wait for the peer's answer. */
type State = 'none' | 'pending' | 'received' | 'sent' | 'acknowledged'

export class Shutdown {
  #state: State = 'none'
  readonly #control: Control
  readonly #receivedTsn: () => number
  readonly #onClosed: () => void
  readonly #timer: Deadline
  #retransmissions = 0

  constructor(control: Control, receivedTsn: () => number, onClosed: () => void) {
    this.#control = control
    this.#receivedTsn = receivedTsn
    this.#onClosed = onClosed
    this.#timer = new Deadline(control.host, () => this.#onTimer())
  }

  get hasBegun(): boolean {
    return this.#state !== 'none'
  }

  stop(): void {
    this.#timer.stop()
  }

  begin(): void {
    if (this.#state === 'none') this.#state = 'pending'
  }

  /** All that was accepted is acknowledged. */
  onIdle(): void {
    if (this.#state === 'pending') this.#enter('sent')
    else if (this.#state === 'received') this.#enter('acknowledged')
  }

  /** While we wait for the peer's last data, each SACK goes with a SHUTDOWN (section 9.2). */
  onSack(): void {
    if (this.#state === 'sent') this.#send()
  }

  onShutdown(): void {
    if (this.#state === 'acknowledged') this.#send()
    else this.#state = 'received'
  }

  onShutdownAck(): void {
    if (this.#state !== 'sent' && this.#state !== 'acknowledged') return
    this.#control.sendChunk(Chunk.shutdownComplete, NOTHING)
    this.#onClosed()
  }

  onShutdownComplete(): void {
    if (this.#state === 'acknowledged') this.#onClosed()
  }

  #enter(state: 'sent' | 'acknowledged'): void {
    this.#state = state
    this.#retransmissions = 0
    this.#send()
  }

  #send(): void {
    if (this.#state === 'sent') {
      const value = Buffer.alloc(4)
      value.writeUInt32BE(this.#receivedTsn())
      this.#control.sendChunk(Chunk.shutdown, value)
    } else this.#control.sendChunk(Chunk.shutdownAck, NOTHING)
    this.#timer.set(this.#control.host.now() + this.#control.timeoutMs(this.#retransmissions))
  }

  #onTimer(): void {
    if (this.#retransmissions++ < MAX_RETRANSMISSIONS) this.#send()
    else this.#control.fail(new TransportError('interrupted', 'the peer does not answer the closing'))
  }
}
