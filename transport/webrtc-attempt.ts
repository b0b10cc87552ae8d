/** One attempt to open a data channel: a peer connection, and the data path that was chosen over it. */
import type { Attempt, Candidate, Channel, IceServer, Path, PeerPlace, StartAttempt } from './contract.ts'
import { chooseIceServers } from './ice/chosen-servers.ts'
import { bbr } from './sctp/congestion/bbr.ts'
import type { MakeCongestionController } from './sctp/congestion/congestion-controller.ts'
import { newReno } from './sctp/congestion/new-reno.ts'
import { SctpDataPath } from './sctp-data-path.ts'
import { report, type Trace } from './trace-events.ts'
import { asTransportError, TransportError } from './transport-error.ts'
import { WeriftDataPath } from './werift-data-path.ts'
import type { DtlsSession } from './werift/dtls-session.ts'
import type { IcePath } from './werift/ice-path.ts'
import type { WeriftDataChannel } from './werift/internals.ts'
import { MAX_RECEIVED_MESSAGE_BYTES } from './werift/peer-configuration.ts'
import { createWeriftPeer, type WeriftPeer } from './werift/peer.ts'

export { preloadWerift } from './werift/peer.ts'

/** `fast` is this library's data path over werift's ICE and DTLS handshake, `werift` that of werift; the peer need not choose the same. */
export type TransportKind = 'fast' | 'werift'

/** How the fast path shares a link: by measured rate, or by loss as RFC 9260 has it. */
const controllers = { bbr, newreno: newReno } satisfies Record<string, MakeCongestionController>

export type TransportOptions = {
  readonly transport: TransportKind
  /** Label of the data channel that the offering side opens; `data` when absent. */
  readonly label?: string
  /**
   * Name of the SDP attribute by which two peers of this library recognize each other and allow datagrams larger than other
   * stacks take: an SDP token, the same on both sides. `max-datagram` when absent.
   */
  readonly datagramAttribute?: string
  /** Other hosts that this one is known to reach, as names or addresses: the addresses that it has towards them come first. */
  readonly towards?: readonly string[]
  /** Called with each event of each connection. */
  readonly trace?: Trace | undefined
  /** Fast only; `bbr` when absent. */
  readonly congestion?: keyof typeof controllers
  /** Fast only, for measuring: UDP payload of every packet instead of the path's own. */
  readonly datagramBytes?: number
}

/** Trickled candidates that are looked at in one attempt; few of them are used (ice/remote-candidates.ts). */
const MAX_TRICKLED_CANDIDATES = 64

/** What is assumed of a peer of which nothing is known. */
const ELSEWHERE: PeerPlace = { onThisHost: false }

/** Starts attempts over the transport that `options` names. */
export function makeStartAttempt(options: TransportOptions): StartAttempt {
  // Further attempts for one peer bring the same list of servers, and each starts one server further down.
  const attempts = new WeakMap<readonly IceServer[], number>()
  return (start) => {
    const attempt = attempts.get(start.iceServers) ?? 0
    attempts.set(start.iceServers, attempt + 1)
    return new WebRtcAttempt(start, options, attempt)
  }
}

type Open = { channel: Channel; path: () => Path }

class WebRtcAttempt implements Attempt {
  readonly opened: Promise<Open>
  readonly #peer: Promise<WeriftPeer>
  readonly #transport: TransportOptions
  readonly #resolve: (open: Open) => void
  readonly #reject: (error: TransportError) => void
  #dataPath: SctpDataPath | WeriftDataPath | undefined
  #isOffering = false
  #trickled = 0
  #closed = false

  constructor(start: Parameters<StartAttempt>[0], transport: TransportOptions, attempt: number) {
    const { promise, resolve, reject } = Promise.withResolvers<Open>()
    this.opened = promise
    this.#transport = transport
    this.#resolve = resolve
    this.#reject = reject
    // An owner that does not await `opened` must not cause an unhandled rejection.
    promise.catch(() => {})
    this.#peer = this.#start(start, attempt)
    this.#peer.catch((error: unknown) => {
      const failure = asTransportError(error)
      report(transport.trace, { event: 'connection_failed', code: failure.code })
      reject(failure)
    })
  }

  async #start({ iceServers, relayOnly, onCandidate }: Parameters<StartAttempt>[0], attempt: number) {
    const {
      transport,
      label = 'data',
      datagramAttribute = 'max-datagram',
      trace,
      towards = [],
    } = this.#transport
    const peer = await createWeriftPeer({
      servers: chooseIceServers(iceServers, relayOnly, attempt),
      relayOnly,
      towards,
      label,
      datagramAttribute,
      trace,
      onCandidate,
      dataPath:
        transport === 'fast'
          ? { kind: 'sctp', onSession: (session) => this.#takeSession(session, label) }
          : { kind: 'werift', onChannel: (...channel) => this.#takeChannel(...channel) },
      onFailed: (error) => this.#fail(error),
    })
    if (this.#closed) peer.close()
    return peer
  }

  async offer(): Promise<string> {
    this.#isOffering = true
    return (await this.#peer).createOffer()
  }

  async answer(offer: string, place = ELSEWHERE): Promise<string> {
    return (await this.#peer).createAnswer(offer, place)
  }

  async accept(answer: string, place = ELSEWHERE): Promise<void> {
    await (await this.#peer).acceptAnswer(answer, place)
  }

  addCandidate(candidate: Candidate): void {
    if (this.#closed || this.#trickled++ >= MAX_TRICKLED_CANDIDATES) return
    this.#peer.then(
      (peer) => peer.addCandidate(candidate),
      // `opened` has been rejected with it.
      () => {},
    )
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#reject(new TransportError('no_path', 'the attempt was closed'))
    if (this.#dataPath) return this.#dataPath.close()
    this.#peer.then(
      (peer) => peer.close(),
      () => {},
    )
  }

  #takeSession(session: DtlsSession, label: string): void {
    if (this.#closed) return
    const { congestion = 'bbr', datagramBytes, trace } = this.#transport
    this.#dataPath = new SctpDataPath(session, {
      isOffering: this.#isOffering,
      label,
      congestion: controllers[congestion],
      datagramBytes,
      maxMessageBytes: MAX_RECEIVED_MESSAGE_BYTES,
      trace,
      ...this.#outcome(session.ice),
    })
  }

  /** The first channel is used; a peer that opens more gets them closed. */
  #takeChannel(channel: WeriftDataChannel, ice: IcePath, peer: WeriftPeer): void {
    if (this.#dataPath || this.#closed) return channel.close()
    this.#dataPath = new WeriftDataPath(channel, ice, peer, this.#outcome(ice))
  }

  #outcome(ice: IcePath) {
    return {
      onOpen: (channel: Channel) => this.#resolve({ channel, path: () => ice.path() }),
      onFailed: (error: TransportError) => this.#reject(error),
    }
  }

  /** It has failed before there was a data path. */
  #fail(error: TransportError): void {
    this.#reject(error)
    this.close()
  }
}
