/** One attempt to open a data channel, over the transport that was chosen: the agent's implementation of Attempt. */
import type { Attempt, Candidate, Channel, IceServer, Path, StartAttempt } from './contract.ts'
import { asTransportError, TransportError } from './transport-error.ts'
import { FastConnection } from './fast-connection.ts'
import { chooseIceServers } from './ice/ice-servers.ts'
import { bbr } from './sctp/congestion/bbr.ts'
import type { MakeCongestionController } from './sctp/congestion/congestion-controller.ts'
import { newReno } from './sctp/congestion/new-reno.ts'
import { StockChannel } from './stock-channel.ts'
import type { StockDataChannel } from './werift/internals.ts'
import type { DtlsSession } from './werift/dtls-session.ts'
import { createPeer, MAX_MESSAGE_BYTES, type DataPath, type Peer } from './werift/peer.ts'

export { preloadWerift } from './werift/peer.ts'

/** `fast` is our own data path over werift's ICE and DTLS handshake, `werift` the library's; the peer need not choose the same. */
export type TransportKind = 'fast' | 'werift'

/** How the fast path shares a link: by measured rate, or the loss-based way of RFC 9260. */
const controllers = { bbr, newreno: newReno } satisfies Record<string, MakeCongestionController>

export type TransportOptions = {
  readonly transport: TransportKind
  /** Fast only; `bbr` when absent. */
  readonly congestion?: keyof typeof controllers
  /** Fast only, for measuring: UDP payload of every packet instead of the path's own. */
  readonly datagramBytes?: number
}

/** More than any host gathers; a peer cannot make us probe the world. */
const MAX_REMOTE_CANDIDATES = 64

/** Starts attempts over the transport that `options` names. */
export function makeStartAttempt(options: TransportOptions): StartAttempt {
  // Further attempts of one meeting bring the same list of servers: they start one server further down.
  const attempts = new WeakMap<readonly IceServer[], number>()
  return (start) => {
    const attempt = attempts.get(start.iceServers) ?? 0
    attempts.set(start.iceServers, attempt + 1)
    return new WebRtcAttempt(start, options, attempt)
  }
}

type Open = { channel: Channel; path: () => Path }

/** What the attempt holds of either data path. */
type OwnChannel = Channel & { fail(error: TransportError): void }

class WebRtcAttempt implements Attempt {
  readonly opened: Promise<Open>
  readonly #peer: Promise<Peer>
  readonly #transport: TransportOptions
  readonly #resolve: (open: Open) => void
  readonly #reject: (error: TransportError) => void
  #channel: OwnChannel | undefined
  #connection: FastConnection | undefined
  #isOffering = false
  #remoteCandidates = 0
  #closed = false

  constructor(start: Parameters<StartAttempt>[0], transport: TransportOptions, attempt: number) {
    const { promise, resolve, reject } = Promise.withResolvers<Open>()
    this.opened = promise
    this.#transport = transport
    this.#resolve = resolve
    this.#reject = reject
    // Whoever awaits `opened` hears of it; nobody has to.
    promise.catch(() => {})
    this.#peer = this.#start(start, attempt)
    this.#peer.catch((error: unknown) => reject(asTransportError(error)))
  }

  async #start({ iceServers, relayOnly, onCandidate }: Parameters<StartAttempt>[0], attempt: number) {
    const servers = chooseIceServers(iceServers, relayOnly, attempt)
    const dataPath: DataPath =
      this.#transport.transport === 'fast'
        ? { kind: 'own', onSession: (session, peer) => this.#connect(session, peer) }
        : { kind: 'stock', onChannel: (channel, peer) => this.#take(channel, peer) }
    const onFailed = (error: TransportError) => this.#fail(error)
    const peer = await createPeer({ servers, relayOnly, onCandidate, dataPath, onFailed })
    if (this.#closed) peer.close()
    return peer
  }

  async offer(): Promise<string> {
    this.#isOffering = true
    return (await this.#peer).createOffer()
  }

  async answer(offer: string): Promise<string> {
    return (await this.#peer).createAnswer(offer)
  }

  async accept(answer: string): Promise<void> {
    await (await this.#peer).acceptAnswer(answer)
  }

  addCandidate(candidate: Candidate): void {
    if (this.#closed || this.#remoteCandidates++ >= MAX_REMOTE_CANDIDATES) return
    this.#peer.then(
      (peer) => peer.addCandidate(candidate),
      // `opened` has already told.
      () => {},
    )
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#reject(new TransportError('no_path', 'the attempt was closed'))
    if (this.#channel) return this.#channel.close()
    if (this.#connection) return this.#connection.release()
    this.#peer.then(
      (peer) => peer.close(),
      () => {},
    )
  }

  /** Our data path over the finished handshake. */
  #connect(session: DtlsSession, peer: Peer): void {
    if (this.#closed) return
    this.#connection = new FastConnection(session, {
      isOffering: this.#isOffering,
      congestion: controllers[this.#transport.congestion ?? 'bbr'],
      datagramBytes: this.#transport.datagramBytes,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      onOpen: (channel) => {
        this.#channel = channel
        this.#resolve({ channel, path: () => peer.path() })
      },
      onFailed: (error) => this.#reject(error),
      closePeer: () => peer.close(),
    })
  }

  /** werift's data channel: the first one is the one; a peer that opens more gets them closed. */
  #take(stock: StockDataChannel, peer: Peer): void {
    if (this.#channel || this.#closed) return stock.close()
    const channel = new StockChannel(stock, peer)
    this.#channel = channel
    const open = () => this.#resolve({ channel, path: () => peer.path() })
    if (stock.readyState === 'open') open()
    stock.stateChanged.subscribe((state) => {
      if (state === 'open') open()
      if (state === 'closed')
        this.#reject(new TransportError('no_path', 'the channel closed before it was open'))
    })
  }

  #fail(error: TransportError): void {
    this.#reject(error)
    if (this.#channel) {
      this.#channel.fail(new TransportError('interrupted', error.detail, { cause: error }))
    } else {
      this.close()
    }
  }
}
