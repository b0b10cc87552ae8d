/** werift's ICE connection as the lowest layer: datagrams to and from the peer over the nominated pair, and what that pair is. */
import { asBuffer } from '../as-buffer.ts'
import type { Path } from '../contract.ts'
import type { Layer } from '../layer.ts'
import { report, type Trace } from '../trace-events.ts'
import { TransportError } from '../transport-error.ts'
import { waitForConsent } from './consent-patience.ts'
import type { IceCandidate, IceConnection, IcePair } from './internals.ts'
import type { SocketGuard } from './socket-guard.ts'

export type IcePathOptions = {
  readonly guard: SocketGuard
  readonly trace: Trace | undefined
  /** Closes the peer connection. */
  readonly onClose: () => void
  /** Called on a failure while no layer above has called `onClosed`. */
  readonly onFailed: (reason: TransportError) => void
}

export class IcePath implements Layer {
  readonly #ice: IceConnection
  readonly #options: IcePathOptions
  #onClosed: (reason: TransportError) => void
  #hasFailed = false
  #nominated: IcePair | undefined
  #roundTripS: () => number | undefined = () => undefined
  #lastPath: Path = { kind: 'direct', protocol: 'udp', roundTripMs: undefined }

  constructor(ice: IceConnection, options: IcePathOptions) {
    this.#ice = ice
    this.#options = options
    this.#onClosed = options.onFailed
  }

  /**
   * werift drops it once consent to send has expired (RFC 7675). Beyond what a Layer asks, the memory must not change until
   * the socket has sent it: DtlsLayer makes each record in memory of its own, so nothing is copied here.
   */
  send(datagram: Uint8Array): void {
    this.#ice.send(asBuffer(datagram)).catch(ignore)
  }

  /** Only datagrams of the peer arrive, and only once the handshake is over; werift gets no more of them. */
  onPacket(take: (datagram: Buffer) => void): void {
    this.#options.guard.takeRecords = take
  }

  onClosed(take: (reason: TransportError) => void): void {
    this.#onClosed = take
  }

  close(): void {
    this.#options.onClose()
  }

  /** For the peer connection: it has failed, because no pair works, consent has expired or the peer broke the protocol. */
  fail(reason: TransportError): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    report(this.#options.trace, { event: 'connection_failed', code: reason.code })
    this.#onClosed(reason)
  }

  /** For the peer connection, at the end of the handshake: from now on a pair is nominated. */
  start(): void {
    const pair = this.#ice.nominated
    const { trace } = this.#options
    if (!pair) return
    this.#roundTripS = waitForConsent(pair, (seconds) =>
      report(trace, { event: 'ice_rtt', rtt_ms: seconds * 1_000 }),
    )
    this.reportPath('pair_selected')
  }

  /** Traces which pair carries the packets now. */
  reportPath(event: 'pair_selected' | 'pair_changed'): void {
    const { trace } = this.#options
    if (!trace) return
    const { kind, protocol, roundTripMs } = this.path()
    report(trace, { event, kind, protocol, rtt_ms: roundTripMs })
  }

  /** How packets reach the peer now, or did before the connection closed. */
  path(): Path {
    const pair = this.#ice.nominated
    if (!pair) return this.#lastPath
    const rttS = this.#roundTripS()
    this.#lastPath = {
      kind: isRelayed(pair, this.#ice.remoteCandidates) ? 'relayed' : 'direct',
      protocol: pair.protocol.turn
        ? overStream(pair.protocol.turn.transport.type)
        : overStream(pair.localCandidate.transport),
      roundTripMs: rttS === undefined ? undefined : rttS * 1_000,
    }
    return this.#lastPath
  }

  /** The peer's address. */
  get remoteHost(): string {
    return this.#pair.remoteAddr[0]
  }

  /** Changes when another pair is nominated. */
  get pairName(): string {
    const { localCandidate, remoteAddr } = this.#pair
    return `${localCandidate.host} ${remoteAddr.join(' ')}`
  }

  /** True when datagrams leave through our own TURN server, which adds to each of them. */
  get usesOwnRelay(): boolean {
    return this.#pair.protocol.turn !== undefined
  }

  get #pair(): IcePair {
    this.#nominated = this.#ice.nominated ?? this.#nominated
    if (!this.#nominated) throw new TransportError('internal', 'werift: a handshake without a nominated pair')
    return this.#nominated
  }
}

/** The peer's relayed address may have been met as an unknown one (RFC 8445 section 7.3.1.3) before its candidate came. */
function isRelayed({ localCandidate, remoteAddr }: IcePair, remotes: readonly IceCandidate[]): boolean {
  if (localCandidate.type === 'relay') return true
  return remotes.some(
    ({ type, host, port }) => type === 'relay' && host === remoteAddr[0] && port === remoteAddr[1],
  )
}

function overStream(transport: string) {
  return transport.toLowerCase() === 'udp' ? 'udp' : 'tcp'
}

/** A datagram that cannot be sent is a lost one, which SCTP repairs. */
function ignore() {}
