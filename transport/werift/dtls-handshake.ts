/** The DTLS handshake of werift 0.25.2, which fails for good at the first fault, behind a gate and begun again when it breaks. */
import { ClientGate, drawFirstNumber, ServerGate } from '../dtls/handshake-gate.ts'
import { renumber } from '../dtls/handshake-bytes.ts'
import { TimerSet } from '../timer-set.ts'
import { connectOnce, joinFlights } from './dtls-flights.ts'
import { checkDtlsSocket } from './member-checks.ts'
import type { DtlsSocket, DtlsTransport } from './internals.ts'

/** Handshakes begin again at most this often, whatever anybody sends. One that is about to succeed gets this long to do so. */
const RESTART_MS = 500

/** A flight has been repeated four times by then: the other side may have lost what it knew of this handshake. */
const STALLED_MS = 8_000

const silent = { execute() {} }

export class DtlsHandshake {
  readonly #transport: DtlsTransport
  readonly #isOwnKind: boolean
  readonly #timers = new TimerSet()
  /** What waits in werift for the outcome, of which a failure is none. */
  readonly #events: Pick<DtlsSocket, 'onConnect' | 'onClose' | 'onData'>
  readonly #server: ServerGate
  #client: ClientGate | undefined
  #socket: DtlsSocket
  #firstNumber = 0
  #isMute = false
  #hasBegun = false
  #willBeginAgain = false
  #isOver = false

  /**
   * Called once werift has made its socket. `isOwnKind` tells that the peer is of this library too: it keeps what comes before its
   * handshake, and begins again when this side does.
   */
  constructor(transport: DtlsTransport, isOwnKind: boolean) {
    this.#transport = transport
    this.#isOwnKind = isOwnKind
    this.#socket = checkDtlsSocket(transport.dtls)
    const { onConnect, onClose, onData } = this.#socket
    this.#events = { onConnect, onClose, onData }
    const { socket } = this.#socket.transport
    const send = socket.send.bind(socket)
    const end = { deliver: (record: Buffer) => this.#deliver(record), onBroken: () => this.#beginAgainSoon() }
    this.#server = new ServerGate(
      {
        ...end,
        send: (record) => void send(record).catch(() => {}),
        begin: (cookie, hellos) => this.#beginAsServer(cookie, hellos),
      },
      isOwnKind,
    )
    joinFlights(this.#socket, {
      isOver: () => this.#isOver,
      isMute: () => this.#isMute,
      prepare: (datagram) => renumber(datagram, this.#client ? this.#firstNumber : this.#server.firstNumber),
    })
    this.#adopt(this.#socket)
    if (transport.role === 'client') this.#beginAsClient(isOwnKind)
  }

  /** Takes a datagram of the peer. */
  receive(datagram: Buffer): void {
    if (this.#isOver) return
    if (this.#client) this.#client.receive(datagram)
    else this.#server.receive(datagram)
  }

  /** Ends it, done or not. */
  stop(): void {
    this.#isOver = true
    this.#timers.clear()
  }

  #deliver(record: Buffer): void {
    this.#socket.transport.socket.onData(record)
  }

  #beginAsClient(atOnce: boolean): void {
    this.#firstNumber = drawFirstNumber(this.#isOwnKind)
    const end = { deliver: (record: Buffer) => this.#deliver(record), onBroken: () => this.#beginAgainSoon() }
    this.#client = new ClientGate(end, this.#firstNumber)
    connectOnce(this.#socket, atOnce)
    if (this.#isOwnKind) this.#timers.after(STALLED_MS, () => this.#beginAgainSoon())
  }

  /** werift answers a hello without a cookie, which it has to see, with a request that the gate has made before. */
  #beginAsServer(cookie: Buffer, [hello, verifiedHello]: readonly [Buffer, Buffer]): void {
    if (this.#hasBegun) this.#renew()
    this.#hasBegun = true
    this.#socket.dtls.cookie = cookie
    this.#isMute = true
    this.#deliver(hello)
    this.#isMute = false
    this.#deliver(verifiedHello)
  }

  #beginAgainSoon(): void {
    if (this.#willBeginAgain || this.#isOver) return
    this.#willBeginAgain = true
    this.#timers.after(RESTART_MS, () => {
      this.#willBeginAgain = false
      this.#timers.clear()
      if (!this.#client) return this.#server.beginAgain()
      this.#renew()
      this.#beginAsClient(true)
    })
  }

  /** Puts a new socket in the place of the one under way, which is heard and hears no more. */
  #renew(): void {
    const old = this.#socket
    this.#socket = checkDtlsSocket(Reflect.construct(old.constructor, [old.options]))
    this.#transport.dtls = this.#socket
    this.#adopt(this.#socket)
    old.dtls.flight = Number.MAX_SAFE_INTEGER
    old.transport.socket = { send: () => Promise.resolve(), onData() {} }
    Object.assign(old, { onConnect: silent, onError: silent, onClose: silent, onData: silent })
  }

  #adopt(socket: DtlsSocket): void {
    socket.onConnect = { execute: () => this.#onConnected() }
    socket.onError = { execute: () => this.#beginAgainSoon() }
    // Before the end nobody has authenticated what would close it.
    socket.onClose = { execute: () => (this.#isOver ? this.#events.onClose.execute() : undefined) }
    socket.onData = this.#events.onData
  }

  #onConnected(): void {
    try {
      this.#transport.verifyRemoteCertificateFingerprint()
    } catch {
      return this.#beginAgainSoon()
    }
    this.stop()
    this.#events.onConnect.execute()
  }
}
