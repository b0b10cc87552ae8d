/**
 * Opens an association (RFC 9260 section 5), from either side or from both at once.
 *
 *   INIT         ->
 *                <-  INIT ACK (with a cookie)
 *   COOKIE ECHO  ->                              the passive side is open
 *                <-  COOKIE ACK                  the active side is open
 *
 * Over DTLS the pair of endpoints is fixed, so one tag and one initial TSN serve for the association's whole life.
 */
import { TransportError } from '../transport-error.ts'
import type { ControlPlane } from './control-plane.ts'
import { handshakeTimeoutMs } from './retransmission-timeout.ts'
import { MAX_INIT_RETRANSMISSIONS, Timer } from './timers.ts'
import { CookieJar, encodeCookieAck, encodeCookieEcho } from './wire/cookie-chunk.ts'
import { encodeStaleCookieError, ErrorCause } from './wire/error-chunk.ts'
import { encodeInit, type Init } from './wire/init-chunk.ts'

/** The tag of a packet with an INIT (RFC 9260 section 8.5.1). */
const INIT_TAG = 0

type State = 'closed' | 'cookie-wait' | 'cookie-echoed' | 'established'

export class FourWayHandshake {
  #state: State = 'closed'
  readonly #control: ControlPlane
  readonly #local: Init
  readonly #onEstablished: (peer: Init, rttMs: number) => void
  readonly #cookies: CookieJar
  #peer: Init | undefined
  #retransmissions = 0
  #sentMs = 0
  #rttMs = 0

  /** `onEstablished` gets what the peer announced and the round trip of the INIT or of the cookie, 0 when unknown. */
  constructor(control: ControlPlane, local: Init, onEstablished: (peer: Init, rttMs: number) => void) {
    this.#control = control
    this.#local = local
    this.#onEstablished = onEstablished
    this.#cookies = new CookieJar(control.runtime.randomBytes(32), local.tag)
    control.timers.onExpiry(Timer.handshake, () => this.#onTimeout())
  }

  get isEstablished(): boolean {
    return this.#state === 'established'
  }

  start(): void {
    if (this.#state !== 'closed') return
    this.#state = 'cookie-wait'
    this.#retransmissions = 0
    this.#send()
  }

  /** An INIT is answered in every state and changes none (sections 5.2.1 and 5.2.2). Malformed ones are ignored. */
  onInit(peer: Init | undefined): void {
    if (peer === undefined) return
    const cookie = this.#cookies.seal(peer, this.#control.runtime.now())
    this.#control.sendChunk(encodeInit({ ...this.#local, cookie }), peer.tag)
  }

  onInitAck(peer: Init | undefined): void {
    if (this.#state !== 'cookie-wait' || peer?.cookie === undefined) return
    if (this.#retransmissions === 0) this.#rttMs = this.#control.runtime.now() - this.#sentMs
    this.#peer = peer
    this.#state = 'cookie-echoed'
    this.#retransmissions = 0
    this.#send()
  }

  onCookieEcho(cookie: Uint8Array): void {
    const opened = this.#cookies.open(cookie, this.#control.runtime.now())
    if (opened === undefined) return
    if (opened === 'stale') {
      this.#control.sendChunk(encodeStaleCookieError())
      return
    }
    const { peer, ageMs } = opened
    if (this.#state === 'established' && peer.tag !== this.#peer?.tag) {
      // What was in flight is lost on the other side: continuing as if nothing had happened would lose bytes silently.
      this.#control.fail(new TransportError('interrupted', 'the peer restarted its association'))
      return
    }
    // The cookie has made a round trip too. If it had to be echoed again, this one is too long, never too short.
    if (this.#rttMs === 0) this.#rttMs = ageMs
    this.#establish(peer)
    this.#control.sendChunk(encodeCookieAck())
  }

  onCookieAck(): void {
    if (this.#state === 'cookie-echoed' && this.#peer !== undefined) this.#establish(this.#peer)
  }

  /** An ERROR has arrived: the cookie was too old when it came back, so another one is needed (section 5.2.6). */
  onError(cause: number): void {
    if (this.#state !== 'cookie-echoed' || cause !== ErrorCause.staleCookie) return
    this.#state = 'cookie-wait'
    this.#send()
  }

  #establish(peer: Init): void {
    if (this.#state === 'established') return
    this.#state = 'established'
    this.#peer = peer
    this.#control.timers.clear(Timer.handshake)
    this.#onEstablished(peer, this.#rttMs)
  }

  #send(): void {
    const control = this.#control
    const peer = this.#peer
    this.#sentMs = control.runtime.now()
    if (this.#state === 'cookie-wait') control.sendChunk(encodeInit(this.#local), INIT_TAG)
    else if (peer?.cookie !== undefined) control.sendChunk(encodeCookieEcho(peer.cookie), peer.tag)
    control.timers.set(Timer.handshake, this.#sentMs + handshakeTimeoutMs(this.#retransmissions))
  }

  #onTimeout(): void {
    if (this.#retransmissions++ >= MAX_INIT_RETRANSMISSIONS) {
      this.#control.fail(new TransportError('no_path', 'the peer does not answer the SCTP handshake'))
      return
    }
    this.#send()
  }
}
