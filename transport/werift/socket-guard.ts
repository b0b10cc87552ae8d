/**
 * What werift 0.25.2 gets wrong on real networks, mended on one connection at a time: split DTLS flights, impatient
 * consent checks, unauthenticated STUN, datagrams of strangers, promises that nobody holds.
 */
import { TransportError } from '../transport-error.ts'
import { isDtls, isStun, isStunRequest, protectedRecords } from '../dtls/datagram-guard.ts'
import {
  checkTurnClient,
  type Address,
  type DtlsSocket,
  type IceConnection,
  type IcePair,
  type IceProtocol,
  type SctpTransport,
  type StunMessage,
} from './internals.ts'
import { followNonces } from './turn-nonces.ts'

/** A burst of a whole congestion window must fit; the kernel's 208 KiB overflow on every transfer. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024

/** A flight above this leaves as several datagrams: what Ethernet carries, less IPv6 and UDP headers and a tunnel. */
const MAX_FLIGHT_BYTES = 1_372

/** Seconds that werift thinks a round trip takes, so that an answer to a consent check counts until the next check. */
const PATIENT_RTT_S = 10

/** Datagrams of a handshake that the peer began before we did; a ClientHello is one. */
const MAX_EARLY_DATAGRAMS = 4

/**
 * Pairs beyond which a new address gets no answer: werift keeps and checks a pair for each source that a peer's signed
 * requests seem to come from, and sources can be forged. RFC 8445 section 6.1.2.5 has 100; hosts with many addresses make more.
 */
const MAX_PAIRS = 512

/** CandidatePairState of a pair whose check was answered. */
const PAIR_SUCCEEDED = 3

/**
 * Lets each DTLS flight leave as one datagram until `isOver`: werift handles the parts of a flight in the order they
 * arrive, so one lost or overtaken part ends the handshake.
 */
export function joinFlights(dtls: DtlsSocket, isOver: () => boolean): void {
  const socket = dtls.transport.socket
  const send = socket.send.bind(socket)
  let flight: Buffer[] = []
  function flush() {
    // A flight that cannot be sent is repeated by its timer.
    for (const datagram of joined(flight, MAX_FLIGHT_BYTES)) send(datagram).catch(() => {})
    flight = []
  }
  socket.send = (datagram) => {
    if (isOver()) return send(datagram)
    if (flight.length === 0) queueMicrotask(flush)
    flight.push(datagram)
    return Promise.resolve()
  }
}

/**
 * Sends the ClientHello now: werift waits 100 ms, because a peer that is not ready would lose it. For peers that keep
 * early datagrams, as SocketGuard does.
 */
export function connectAtOnce(dtls: DtlsSocket): void {
  if (!dtls.connect) return
  const connect = dtls.connect.bind(dtls)
  let begun: Promise<void> | undefined
  dtls.connect = () => (begun ??= connect())
  // werift hears of a failure when it calls the same a little later.
  dtls.connect().catch(() => {})
}

/** `parts` in order, joined into as few datagrams of at most `maxBytes` as whole parts allow. */
export function joined(parts: readonly Buffer[], maxBytes: number): Buffer[] {
  const datagrams: Buffer[][] = []
  let bytes = Infinity
  for (const part of parts) {
    if (bytes + part.length > maxBytes) {
      datagrams.push([])
      bytes = 0
    }
    datagrams.at(-1)?.push(part)
    bytes += part.length
  }
  return datagrams.map((datagram) => Buffer.concat(datagram))
}

/**
 * Lets answers to consent checks (RFC 7675) count until the next check: werift drops those later than 500 ms and ends
 * a healthy connection whose queues are deep. Returns the round-trip time that was really measured, in seconds.
 */
export function waitForConsent(pair: IcePair): () => number | undefined {
  let measuredS = pair.rtt
  Object.defineProperty(pair, 'rtt', {
    get: () => PATIENT_RTT_S,
    set: (seconds: number) => {
      measuredS = seconds
    },
  })
  return () => measuredS
}

/** Hostile packets make werift's SCTP reject promises that nobody holds: they go to `fail`. */
export function catchRejections(transport: SctpTransport, fail: (error: unknown) => void): void {
  const handleData = transport.sctp.handleData.bind(transport.sctp)
  transport.sctp.handleData = (packet) => handleData(packet).catch(fail)
  transport.sctp.onReceive.allUnsubscribe()
  transport.sctp.onReceive.subscribe((...message) => {
    transport.datachannelReceive(...message).catch(fail)
  })
}

/** werift's STUN, handed in by the file that imports it. */
export type Stun = {
  parse(datagram: Buffer): StunMessage | undefined
  /** True for a message signed with `password` (RFC 8489 section 14.5). */
  isSigned(datagram: Buffer, password: string): boolean
}

/** Stands between the sockets of one ICE connection and werift. */
export class SocketGuard {
  /** From the end of the handshake on, only protected records pass. */
  handshakeDone = false
  /** Takes the peer's datagrams from then on in werift's place: our own record layer. */
  takeRecords: ((datagram: Buffer) => void) | undefined
  readonly #early: (() => void)[] = []
  #handshakeBegun = false
  readonly #ice: IceConnection
  readonly #stun: Stun
  readonly #guarded = new Set<IceProtocol>()
  /** Where the last accepted datagram came from, compared first. */
  #knownSource: { protocol: IceProtocol; host: string; port: number } | undefined

  constructor(ice: IceConnection, stun: Stun) {
    this.#ice = ice
    this.#stun = stun
    ice.onIceCandidate.subscribe(() => this.#guardNewSockets())
  }

  /** werift listens for DTLS now: what came before is not lost for the second that the peer waits to repeat it. */
  beginHandshake(): void {
    this.#handshakeBegun = true
    for (const deliver of this.#early.splice(0)) deliver()
  }

  /** Called for each local candidate: its socket gets room, a guard, and its pairs, which werift forgets for relays. */
  #guardNewSockets(): void {
    for (const protocol of this.#ice.protocols) {
      if (this.#guarded.has(protocol)) continue
      this.#guarded.add(protocol)
      growBuffers(protocol)
      this.#guardInlet(protocol)
      if (protocol.turn) {
        followNonces(checkTurnClient(protocol.turn), (datagram) => this.#stun.parse(datagram))
        this.#ice.pairLocalProtocol(protocol)
        this.#ice.sortCheckList()
      }
    }
  }

  #guardInlet(protocol: IceProtocol): void {
    const inlet = protocol.datagramReceived ? 'datagramReceived' : 'handleStunMessage'
    const receive = protocol[inlet]?.bind(protocol)
    if (!receive)
      throw new TransportError('internal', `werift: a ${protocol.type} socket has no inlet to guard`)
    protocol[inlet] = (datagram, from) => {
      if (isStun(datagram)) {
        if (!isStunRequest(datagram) || this.#mayCheck(protocol, datagram, from)) receive(datagram, from)
        return
      }
      if (!isDtls(datagram) || !this.#isPeer(protocol, from)) return
      if (!this.#handshakeBegun) {
        if (this.#early.length < MAX_EARLY_DATAGRAMS) this.#early.push(() => receive(datagram, from))
        return
      }
      if (this.takeRecords) return this.takeRecords(datagram)
      const passed = this.handshakeDone ? protectedRecords(datagram) : datagram
      if (passed) receive(passed, from)
    }
  }

  /** RFC 8445 section 7.3 wants every check authenticated; werift answers any. */
  #mayCheck(protocol: IceProtocol, datagram: Buffer, from: Address): boolean {
    if (!this.#stun.isSigned(datagram, this.#ice.localPassword)) return false
    return this.#ice.checkList.length < MAX_PAIRS || this.#hasPair(protocol, from)
  }

  #hasPair(protocol: IceProtocol, [host, port]: Address, state?: number): boolean {
    return this.#ice.checkList.some(
      (pair) =>
        pair.protocol === protocol &&
        (state === undefined || pair.state === state) &&
        pair.remoteAddr[0] === host &&
        pair.remoteAddr[1] === port,
    )
  }

  /**
   * True for an address that answered a connectivity check, which takes the ICE password. Both sides may nominate
   * different pairs, so the nominated one alone will not do; before there is one, any address passes.
   */
  #isPeer(protocol: IceProtocol, [host, port]: Address): boolean {
    const known = this.#knownSource
    if (known && known.protocol === protocol && known.port === port && known.host === host) return true
    if (!this.#ice.nominated) return true
    const found = this.#hasPair(protocol, [host, port], PAIR_SUCCEEDED)
    if (found) this.#knownSource = { protocol, host, port }
    return found
  }
}

/** The kernel grants what its limit allows; some systems refuse outright, and then the default stays. */
function growBuffers({ transport, turn }: IceProtocol): void {
  const socket = transport?.socket ?? turn?.transport.socket
  // Without a listener one failed send would end the process; a lost datagram is what SCTP repairs.
  socket?.on('error', () => {})
  try {
    socket?.setRecvBufferSize?.(SOCKET_BUFFER_BYTES)
    socket?.setSendBufferSize?.(SOCKET_BUFFER_BYTES)
  } catch {
    // Only speed is lost.
  }
}
