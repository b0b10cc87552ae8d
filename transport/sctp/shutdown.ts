/**
 * The orderly end (RFC 9260 section 9.2): no new messages are accepted, those accepted still arrive, then three chunks end the association.
 *
 *   SHUTDOWN           ->
 *                      <-  SHUTDOWN ACK, once the peer too has nothing outstanding
 *   SHUTDOWN COMPLETE  ->
 */
import { TransportError } from '../transport-error.ts'
import type { ControlPlane } from './control-plane.ts'
import { MAX_RETRANSMISSIONS, Timer } from './timers.ts'
import { encodeShutdown, encodeShutdownAck, encodeShutdownComplete } from './wire/shutdown-chunk.ts'

/** `pending` and `received` still send data; `sent` and `acknowledged` wait for the peer's answer. */
type State = 'none' | 'pending' | 'received' | 'sent' | 'acknowledged'

export class Shutdown {
  #state: State = 'none'
  readonly #control: ControlPlane
  readonly #receivedTsn: () => number
  readonly #onClosed: () => void
  #retransmissions = 0

  /** `receivedTsn` is the highest TSN up to which everything has arrived. */
  constructor(control: ControlPlane, receivedTsn: () => number, onClosed: () => void) {
    this.#control = control
    this.#receivedTsn = receivedTsn
    this.#onClosed = onClosed
    control.timers.onExpiry(Timer.shutdown, () => this.#onTimeout())
  }

  get hasBegun(): boolean {
    return this.#state !== 'none'
  }

  begin(): void {
    if (this.#state === 'none') this.#state = 'pending'
  }

  /** Everything accepted is acknowledged. */
  onIdle(): void {
    if (this.#state === 'pending') this.#enter('sent')
    else if (this.#state === 'received') this.#enter('acknowledged')
  }

  /** While the peer's last data comes in, a SHUTDOWN accompanies each SACK (section 9.2). */
  onSackSent(): void {
    if (this.#state === 'sent') this.#send()
  }

  onShutdown(): void {
    if (this.#state === 'acknowledged') this.#send()
    else this.#state = 'received'
  }

  onShutdownAck(): void {
    if (this.#state !== 'sent' && this.#state !== 'acknowledged') return
    this.#control.sendChunk(encodeShutdownComplete())
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
    const control = this.#control
    control.sendChunk(this.#state === 'sent' ? encodeShutdown(this.#receivedTsn()) : encodeShutdownAck())
    const timeoutMs = control.retransmissionTimeoutMs(this.#retransmissions)
    control.timers.set(Timer.shutdown, control.runtime.now() + timeoutMs)
  }

  #onTimeout(): void {
    if (this.#retransmissions++ < MAX_RETRANSMISSIONS) this.#send()
    else this.#control.fail(new TransportError('interrupted', 'the peer does not answer the SHUTDOWN'))
  }
}
