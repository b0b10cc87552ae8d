/**
 * What may pass from the sockets of an ICE connection to werift 0.25.2, which answers unauthenticated STUN and acts on
 * datagrams of any sender.
 */
import { TransportError } from '../transport-error.ts'
import { isDtls, isStun, protectedRecords } from '../dtls/datagram-guard.ts'
import { answers, asksToCheckAgain, isCheckForUs, MAX_STUN_BYTES } from '../ice/stun-judge.ts'
import { readStun, type StunMessage } from '../ice/stun-message.ts'
import { pendingRequest } from './member-checks.ts'
import type { Address, IceConnection, IceProtocol } from './internals.ts'

/** Room for a burst of a whole congestion window; the kernel's default of 208 KiB overflows on every transfer. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024

/** Datagrams kept while the peer's handshake has begun and ours has not; a ClientHello is one. */
const MAX_EARLY_DATAGRAMS = 4

/**
 * Pairs beyond which a new address gets no answer: werift keeps and checks a pair for each source address of a peer's
 * signed requests, and sources can be forged. RFC 8445 section 6.1.2.5 has 100; hosts with many addresses need more.
 */
const MAX_PAIRS = 512

/** Sits between the sockets of one ICE connection and werift. */
export class SocketGuard {
  /** From the end of the handshake on, only protected records pass. */
  handshakeDone = false
  /** Takes the peer's datagrams from then on, instead of werift. */
  takeRecords: ((datagram: Buffer) => void) | undefined
  readonly #early: Buffer[] = []
  #takeHandshake: ((datagram: Buffer) => void) | undefined
  readonly #ice: IceConnection
  readonly #guarded = new Set<IceProtocol>()
  /** Sources that have shown that they know the ICE passwords. */
  readonly #verified = new Set<string>()
  /** A conflict of roles repeats each pair's check once. werift repeats it as often as it is asked to, as fast as answers come. */
  #askedAgain = 0
  /** Where the last accepted datagram came from, compared first. */
  #knownSource: { protocol: IceProtocol; host: string; port: number } | undefined

  constructor(ice: IceConnection) {
    this.#ice = ice
    ice.onIceCandidate.subscribe(() => this.#guardNewSockets())
  }

  /** The peer's datagrams go to `take` until the handshake is done. Earlier ones too, which saves the second until it repeats them. */
  beginHandshake(take: (datagram: Buffer) => void): void {
    this.#takeHandshake = take
    for (const datagram of this.#early.splice(0)) take(datagram)
  }

  /** Called for each local candidate: its socket gets larger buffers and a guard; a relay its pairs, which werift forgets. */
  #guardNewSockets(): void {
    for (const protocol of this.#ice.protocols) {
      if (this.#guarded.has(protocol)) continue
      this.#guarded.add(protocol)
      growBuffers(protocol)
      this.#guardInlet(protocol)
      if (protocol.turn) {
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
        const message = this.#judge(protocol, datagram, from)
        if (message) receive(message.bytes, from)
        return
      }
      if (!isDtls(datagram) || !this.#isVerified(protocol, from)) return
      if (this.takeRecords) return this.takeRecords(datagram)
      if (!this.#takeHandshake) {
        if (this.#early.length < MAX_EARLY_DATAGRAMS) this.#early.push(datagram)
        return
      }
      if (!this.handshakeDone) return this.#takeHandshake(datagram)
      const passed = protectedRecords(datagram)
      if (passed) receive(passed, from)
    }
  }

  /** A check for us or an answer to one of our requests, which only who has the other side's password can make; or nothing. */
  #judge(protocol: IceProtocol, datagram: Buffer, from: Address): StunMessage | undefined {
    const message = datagram.length <= MAX_STUN_BYTES ? readStun(datagram) : undefined
    if (!message) return undefined
    if (message.messageClass === 'request')
      return this.#mayCheck(protocol, message, from) ? message : undefined
    const transaction = (protocol.turn ?? protocol).transactions?.[message.transactionId]
    const request = transaction && pendingRequest(transaction)
    if (!request || message.messageClass === 'indication' || !answers(message, from, request))
      return undefined
    // A STUN server's answers are not signed.
    if (!request.key) return message
    this.#verify(protocol, from)
    return asksToCheckAgain(message) && ++this.#askedAgain > MAX_PAIRS ? undefined : message
  }

  #mayCheck(protocol: IceProtocol, message: StunMessage, from: Address): boolean {
    const { localUsername, localPassword, checkList, earlyChecks } = this.#ice
    if (!isCheckForUs(message, localUsername, localPassword) || earlyChecks.length >= MAX_PAIRS) return false
    if (this.#isVerified(protocol, from)) return true
    if (this.#verified.size >= MAX_PAIRS || checkList.length >= MAX_PAIRS) return false
    this.#verify(protocol, from)
    return true
  }

  #verify(protocol: IceProtocol, from: Address): void {
    this.#verified.add(this.#sourceName(protocol, from))
  }

  /**
   * True for an address that sent a signed check or a signed answer. Both sides may nominate different pairs, so the nominated
   * one alone will not do.
   */
  #isVerified(protocol: IceProtocol, from: Address): boolean {
    const [host, port] = from
    const known = this.#knownSource
    if (known && known.protocol === protocol && known.port === port && known.host === host) return true
    const found = this.#verified.has(this.#sourceName(protocol, from))
    if (found) this.#knownSource = { protocol, host, port }
    return found
  }

  #sourceName(protocol: IceProtocol, [host, port]: Address): string {
    return `${this.#ice.protocols.indexOf(protocol)} ${host} ${port}`
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
