/**
 * What may pass from the sockets of an ICE connection to werift 0.25.2, which answers unauthenticated STUN and acts on
 * datagrams of any sender.
 */
import { TransportError } from '../transport-error.ts'
import { isDtls, isStun, isStunRequest, protectedRecords } from '../dtls/datagram-guard.ts'
import {
  checkTurnClient,
  type Address,
  type IceConnection,
  type IceProtocol,
  type StunMessage,
} from './internals.ts'
import { followNonces } from './turn-nonces.ts'

/** Room for a burst of a whole congestion window; the kernel's default of 208 KiB overflows on every transfer. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024

/** Datagrams kept while the peer's handshake has begun and ours has not; a ClientHello is one. */
const MAX_EARLY_DATAGRAMS = 4

/**
 * Pairs beyond which a new address gets no answer: werift keeps and checks a pair for each source address of a peer's
 * signed requests, and sources can be forged. RFC 8445 section 6.1.2.5 has 100; hosts with many addresses need more.
 */
const MAX_PAIRS = 512

/** CandidatePairState of a pair whose check was answered. */
const PAIR_SUCCEEDED = 3

/** werift's STUN, handed in by the file that imports werift. */
export type Stun = {
  parse(datagram: Buffer): StunMessage | undefined
  /** True for a message signed with `password` (RFC 8489 section 14.5). */
  isSigned(datagram: Buffer, password: string): boolean
}

/** Sits between the sockets of one ICE connection and werift. */
export class SocketGuard {
  /** From the end of the handshake on, only protected records pass. */
  handshakeDone = false
  /** Takes the peer's datagrams from then on, instead of werift. */
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

  /** werift listens for DTLS now. Earlier datagrams are delivered, which saves the second until the peer retransmits. */
  beginHandshake(): void {
    this.#handshakeBegun = true
    for (const deliver of this.#early.splice(0)) deliver()
  }

  /** Called for each local candidate: its socket gets larger buffers and a guard; a relay its pairs, which werift forgets. */
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

/** The kernel grants what its limit allows; some systems refuse outright, and then the default remains. */
function growBuffers({ transport, turn }: IceProtocol): void {
  const socket = transport?.socket ?? turn?.transport.socket
  // Without a listener one failed send would end the process; a lost datagram is what SCTP repairs.
  socket?.on('error', () => {})
  try {
    socket?.setRecvBufferSize?.(SOCKET_BUFFER_BYTES)
    socket?.setSendBufferSize?.(SOCKET_BUFFER_BYTES)
  } catch {
    // The default buffers only cost speed.
  }
}
