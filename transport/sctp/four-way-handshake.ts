/**
 * Opening an association (RFC 9260 section 5): INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, from either side or both at once.
 * Over DTLS the pair of endpoints is fixed, so one tag and one initial TSN serve for the association's whole life.
 */
import { TransportError } from '../transport-error.ts'
import type { Control } from './control-plane.ts'
import { Cause, encodeCause, firstCause } from './control-plane.ts'
import { CookieJar } from './wire/cookie-chunk.ts'
import { Deadline } from './timers.ts'
import { decodeInit, encodeInit, type Init } from './wire/init-chunk.ts'
import { CHUNK_HEADER_BYTES, Chunk } from './wire/packet.ts'

/** T1 begins short: nothing else is under way that a second INIT could disturb. RFC 9260's first wait is 1 s. */
const FIRST_WAIT_MS = 500
const MAX_WAIT_MS = 4_000
/** Max.Init.Retransmits (RFC 9260 section 16). */
const MAX_RETRANSMISSIONS = 8

type State = 'closed' | 'cookie-wait' | 'cookie-echoed' | 'established'

export class Handshake {
  #state: State = 'closed'
  readonly #control: Control
  readonly #local: Init
  readonly #onEstablished: (peer: Init, rttMs: number) => void
  readonly #cookies: CookieJar
  readonly #timer: Deadline
  #peer: Init | undefined
  #retransmissions = 0
  #sentMs = 0
  #rttMs = 0

  /** `onEstablished` gets the peer's words and the round trip of the INIT or of the cookie, 0 when unknown. */
  constructor(control: Control, local: Init, onEstablished: (peer: Init, rttMs: number) => void) {
    this.#control = control
    this.#local = local
    this.#onEstablished = onEstablished
    this.#cookies = new CookieJar(control.host.random(32), local.tag)
    this.#timer = new Deadline(control.host, () => this.#onTimer())
  }

  get isEstablished(): boolean {
    return this.#state === 'established'
  }

  start(): void {
    if (this.#state !== 'closed') return
    this.#state = 'cookie-wait'
    this.#retransmissions = 0
    this.#repeat()
  }

  stop(): void {
    this.#timer.stop()
  }

  /** An INIT is answered in every state and changes none (sections 5.2.1 and 5.2.2). */
  onInit(packet: Uint8Array, at: number, length: number): void {
    const peer = decodeInit(packet, at, length)
    if (peer === undefined) return
    const cookie = this.#cookies.seal(peer, this.#control.host.now())
    this.#control.sendChunk(Chunk.initAck, encodeInit({ ...this.#local, cookie }), 0, peer.tag)
  }

  onInitAck(packet: Uint8Array, at: number, length: number): void {
    if (this.#state !== 'cookie-wait') return
    const peer = decodeInit(packet, at, length)
    if (peer?.cookie === undefined) return
    if (this.#retransmissions === 0) this.#rttMs = this.#control.host.now() - this.#sentMs
    this.#peer = peer
    this.#state = 'cookie-echoed'
    this.#retransmissions = 0
    this.#repeat()
  }

  onCookieEcho(packet: Uint8Array, at: number, length: number): void {
    const sealed = packet.subarray(at + CHUNK_HEADER_BYTES, at + length)
    const opened = this.#cookies.open(sealed, this.#control.host.now())
    if (opened === undefined) return
    if (opened === 'stale') {
      this.#control.sendChunk(Chunk.error, encodeCause(Cause.staleCookie, Buffer.alloc(4)))
      return
    }
    const { peer, ageMs } = opened
    if (this.#state === 'established' && peer.tag !== this.#peer?.tag) {
      // What was under way is lost on the other side: going on as if nothing had happened would lose bytes silently.
      this.#control.fail(new TransportError('interrupted', 'the peer started its association anew'))
      return
    }
    // The cookie has made a round trip too; one that was echoed twice makes it look longer, never shorter.
    if (this.#rttMs === 0) this.#rttMs = ageMs
    this.#establish(peer)
    this.#control.sendChunk(Chunk.cookieAck, Buffer.alloc(0))
  }

  onCookieAck(): void {
    if (this.#state === 'cookie-echoed' && this.#peer !== undefined) this.#establish(this.#peer)
  }

  /** A cookie that was too old by the time it came back: ask for another (section 5.2.6). */
  onError(packet: Uint8Array, at: number, length: number): void {
    if (this.#state !== 'cookie-echoed' || firstCause(packet, at, length) !== Cause.staleCookie) return
    this.#state = 'cookie-wait'
    this.#repeat()
  }

  #establish(peer: Init): void {
    if (this.#state === 'established') return
    this.#state = 'established'
    this.#peer = peer
    this.#timer.stop()
    this.#onEstablished(peer, this.#rttMs)
  }

  #repeat(): void {
    const control = this.#control
    const peer = this.#peer
    this.#sentMs = control.host.now()
    if (this.#state === 'cookie-wait') control.sendChunk(Chunk.init, encodeInit(this.#local), 0, 0)
    else if (peer?.cookie !== undefined) control.sendChunk(Chunk.cookieEcho, peer.cookie, 0, peer.tag)
    this.#timer.set(this.#sentMs + Math.min(FIRST_WAIT_MS * 2 ** this.#retransmissions, MAX_WAIT_MS))
  }

  #onTimer(): void {
    if (this.#retransmissions++ >= MAX_RETRANSMISSIONS) {
      this.#control.fail(new TransportError('no_path', 'the peer does not answer the SCTP handshake'))
      return
    }
    this.#repeat()
  }
}
