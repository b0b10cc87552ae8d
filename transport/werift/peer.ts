/**
 * The one file that imports werift: a peer connection that asks no server nobody named, opens on lossy links, drops what
 * strangers send, and hands its finished DTLS session to a data path. Its insides are touched in this folder only, and every
 * member that is reached stands in internals.ts.
 */
import type { Candidate, Path } from '../contract.ts'
import { asTransportError, TransportError } from '../transport-error.ts'
import { additionalHostAddresses } from '../ice/host-addresses.ts'
import type { ChosenServers } from '../ice/chosen-servers.ts'
import {
  announceDatagrams,
  announcedDatagrams,
  checkDescription,
  isUsableCandidate,
} from '../ice/session-description.ts'
import {
  checkDtlsSocket,
  checkPeerConnection,
  checkSctpTransport,
  type Description,
  type DtlsSocket,
  type IceCandidate,
  type IceConnection,
  type IcePair,
  type PeerConnection,
  type SctpTransport,
  type StockDataChannel,
} from './internals.ts'
import { replaceSctp, takeSession, type DtlsSession } from './dtls-session.ts'
import {
  catchRejections,
  connectAtOnce,
  joinFlights,
  SocketGuard,
  waitForConsent,
  type Stun,
} from './socket-guard.ts'

export type PeerOptions = {
  readonly servers: ChosenServers
  readonly relayOnly: boolean
  readonly onCandidate: (candidate: Candidate) => void
  readonly dataPath: DataPath
  readonly onFailed: (error: TransportError) => void
}

/** What to do with a finished DTLS session: werift's own SCTP, or ours in its place. */
export type DataPath =
  /** werift's data channel is there; it may not be open yet. */
  | { readonly kind: 'stock'; readonly onChannel: (channel: StockDataChannel, peer: Peer) => void }
  | { readonly kind: 'own'; readonly onSession: (session: DtlsSession, peer: Peer) => void }

const CHANNEL_LABEL = 'voltdrop'

/** The least that every WebRTC stack takes, and what a path of 1,280 bytes carries: 1191 + DTLS, UDP and IPv6. */
const SCTP_MTU_BYTES = 1_191

/** What we take from the peer in one message. */
export const MAX_MESSAGE_BYTES = 262_144

/** Seconds. werift waits 5 for STUN and 8 for a TURN connection; candidates trickle, so a late one still counts. */
const STUN_TIMEOUT_S = 2
const TURN_CONNECT_TIMEOUT_S = 5

/** werift repeats its Finished under numbers of its own choice below this; ours start above, so that no nonce is used twice. */
const FIRST_RECORD_NUMBER = 256

/** ECDSA P-256 with SHA-256, in the numbers of RFC 5246 section 7.4.1.4.1 and RFC 8422 section 5.1.1. */
const CERTIFICATE = { signatureHash: { signature: 3, hash: 4 }, namedCurve: 23 } as const

/** Imports werift, which takes 170 ms, ahead of the first attempt. */
export async function preloadWerift(): Promise<void> {
  await import('werift')
}

/** Imports werift on first use and makes a peer connection with a certificate of its own. */
export async function createPeer(options: PeerOptions): Promise<Peer> {
  const werift = await import('werift')
  const { keyPem, certPem, signatureHash } = await werift.createSelfSignedCertificate(
    CERTIFICATE.signatureHash,
    CERTIFICATE.namedCurve,
  )
  const connection = new werift.RTCPeerConnection({
    iceServers: options.servers.servers,
    iceTransportPolicy: options.relayOnly ? 'relay' : 'all',
    iceStunGatherTimeout: STUN_TIMEOUT_S,
    iceTurnConnectTimeout: TURN_CONNECT_TIMEOUT_S,
    iceAdditionalHostAddresses: additionalHostAddresses(),
    certificates: [new werift.RTCCertificate(keyPem, certPem, signatureHash)],
    maxMessageSize: MAX_MESSAGE_BYTES,
    sctp: { mtu: SCTP_MTU_BYTES },
  })
  const stun: Stun = {
    parse: (datagram) => werift.parseMessage(datagram),
    isSigned: (datagram, password) => werift.parseMessage(datagram, Buffer.from(password)) !== undefined,
  }
  return new Peer(checkPeerConnection(connection), options, stun)
}

export class Peer {
  readonly #pc: PeerConnection
  readonly #options: PeerOptions
  readonly #stun: Stun
  #sctp: SctpTransport | undefined
  #gathered: Promise<void> = Promise.resolve()
  /** Candidates that came before their description. */
  #early: Candidate[] | undefined = []
  #remoteMaxDatagramBytes: number | undefined
  #relayed = 0
  #closed = false
  #roundTripS: () => number | undefined = () => undefined
  #lastPath: Path = { kind: 'direct', protocol: 'udp', roundTripMs: undefined }

  constructor(pc: PeerConnection, options: PeerOptions, stun: Stun) {
    this.#pc = pc
    this.#options = options
    this.#stun = stun
    pc.onIceCandidate.subscribe((candidate) => {
      const { candidate: line, sdpMid, sdpMLineIndex } = candidate ?? {}
      if (line)
        this.#emitCandidate({ candidate: line, sdpMid: sdpMid ?? '0', sdpMLineIndex: sdpMLineIndex ?? 0 })
    })
    const { dataPath } = options
    if (dataPath.kind === 'stock') pc.onDataChannel.subscribe((channel) => dataPath.onChannel(channel, this))
    pc.connectionStateChange.subscribe((state) => {
      if (state === 'failed') options.onFailed(new TransportError('no_path', 'the peer connection failed'))
    })
    // werift would hold the description back until every server has answered or timed out: candidates trickle instead.
    const gather = pc.gatherCandidates.bind(pc)
    pc.gatherCandidates = () => {
      this.#gathered = gather().then(() => this.#onGathered())
      return Promise.resolve()
    }
  }

  /** The offer, before any candidate is known. */
  async createOffer(): Promise<string> {
    const channel = this.#pc.createDataChannel(CHANNEL_LABEL)
    this.#prepareTransport()
    const offer = await this.#pc.createOffer()
    await this.#pc.setLocalDescription(offer)
    const { dataPath } = this.#options
    if (dataPath.kind === 'stock') dataPath.onChannel(channel, this)
    return this.#announced(offer)
  }

  async createAnswer(offer: string): Promise<string> {
    await this.#describe({ type: 'offer', sdp: offer })
    this.#prepareTransport()
    const answer = await this.#pc.createAnswer()
    await this.#pc.setLocalDescription(answer)
    return this.#announced(answer)
  }

  async acceptAnswer(answer: string): Promise<void> {
    await this.#describe({ type: 'answer', sdp: answer })
  }

  /** A candidate that cannot be used is passed over: another one may do. */
  addCandidate(candidate: Candidate): void {
    if (!isUsableCandidate(candidate.candidate)) return
    if (this.#early) this.#early.push(candidate)
    else this.#pc.addIceCandidate(candidate).catch(() => {})
  }

  /** werift would let a bad early candidate spoil the description, so they wait here. */
  async #describe(description: Description): Promise<void> {
    checkDescription(description.sdp)
    this.#remoteMaxDatagramBytes = announcedDatagrams(description)
    await this.#pc.setRemoteDescription(description)
    const early = this.#early ?? []
    this.#early = undefined
    for (const candidate of early) this.addCandidate(candidate)
  }

  path(): Path {
    const ice = this.#ice
    const pair = ice?.nominated
    if (!ice || !pair) return this.#lastPath
    const rttS = this.#roundTripS()
    this.#lastPath = {
      kind: isRelayed(pair, ice.remoteCandidates) ? 'relayed' : 'direct',
      protocol: pair.protocol.turn
        ? overStream(pair.protocol.turn.transport.type)
        : overStream(pair.localCandidate.transport),
      roundTripMs: rttS === undefined ? undefined : rttS * 1_000,
    }
    return this.#lastPath
  }

  /** Stock data path only: something of ours is not acknowledged yet. */
  hasUnacknowledged(): boolean {
    const sctp = this.#sctp?.sctp
    return sctp !== undefined && sctp.outboundQueue.length + sctp.sentQueue.length > 0
  }

  /** Frees every socket and timer; werift's flight timers end at their next tick. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    const ice = this.#ice
    const dtls = this.#sctp?.dtlsTransport.dtls
    // A flight is repeated until the next one has begun, closed or not.
    if (dtls) dtls.dtls.flight = Number.MAX_SAFE_INTEGER
    if (ice) {
      ice.remoteCandidatesEnd = true
      ice.checkListDone = true
    }
    void this.#release(ice)
  }

  async #release(ice: IceConnection | undefined): Promise<void> {
    await this.#pc.close().catch(() => {})
    // Sockets that gathering opened meanwhile belong to nobody: close again when it has ended.
    await this.#gathered.catch(() => {})
    await ice?.close().catch(() => {})
  }

  get #ice(): IceConnection | undefined {
    return this.#sctp?.dtlsTransport.iceTransport.connection
  }

  /** Other hosts can still be reached without a candidate of ours; a relay-only one cannot. */
  #onGathered(): void {
    if (this.#closed || !this.#options.relayOnly || this.#relayed > 0) return
    const reason = 'the TURN server gave no address: it does not answer, or refuses user name and credential'
    this.#options.onFailed(new TransportError('no_path', reason))
  }

  #emitCandidate(candidate: Candidate): void {
    if (this.#closed) return
    if (!this.#options.relayOnly) return this.#options.onCandidate(candidate)
    if (!/ typ relay( |$)/.test(candidate.candidate)) return
    this.#relayed++
    // The related address of a relayed candidate is this host's own, which relay-only is meant to hide.
    const line = candidate.candidate.replace(/ raddr \S+ rport \d+/, ' raddr 0.0.0.0 rport 0')
    this.#options.onCandidate({ ...candidate, candidate: line })
  }

  /** werift's own SCTP fails on the padding that our search for the path MTU sends, so it must not invite it. */
  #announced(description: Description): string {
    return this.#options.dataPath.kind === 'own' ? announceDatagrams(description) : description.sdp
  }

  /** Between the description that makes the transport and the gathering that uses it. */
  #prepareTransport(): void {
    const sctp = checkSctpTransport(this.#pc.sctpTransport)
    this.#sctp = sctp
    const { dataPath } = this.#options
    const { dtlsTransport } = sctp
    const ice = dtlsTransport.iceTransport.connection
    // werift asks a server of Google's when none is named.
    if (!this.#options.servers.stun) ice.stunServer = undefined
    const guard = new SocketGuard(ice, this.#stun)
    // No media: without this a peer that negotiates no SRTP profile could not connect.
    dtlsTransport.startSrtp = () => {}
    const startDtls = dtlsTransport.start.bind(dtlsTransport)
    dtlsTransport.start = () => {
      const started = startDtls()
      if (dtlsTransport.dtls) {
        const dtls = checkDtlsSocket(dtlsTransport.dtls)
        joinFlights(dtls, () => guard.handshakeDone)
        if (this.#remoteMaxDatagramBytes !== undefined) connectAtOnce(dtls)
      }
      guard.beginHandshake()
      return started
    }
    const startSctp = sctp.start.bind(sctp)
    sctp.start = async (remotePort) => {
      const dtls = checkDtlsSocket(dtlsTransport.dtls)
      this.#afterHandshake(guard, ice, dtls)
      if (dataPath.kind === 'stock') return startSctp(remotePort)
      dataPath.onSession(takeSession(sctp, guard, remotePort, this.#remoteMaxDatagramBytes), this)
    }
    if (dataPath.kind === 'own') replaceSctp(sctp)
    catchRejections(sctp, (error) => this.#options.onFailed(asTransportError(error, 'broken_protocol')))
  }

  #afterHandshake(guard: SocketGuard, ice: IceConnection, dtls: DtlsSocket): void {
    guard.handshakeDone = true
    dtls.dtls.recordSequenceNumber = Math.max(dtls.dtls.recordSequenceNumber, FIRST_RECORD_NUMBER)
    if (ice.nominated) this.#roundTripS = waitForConsent(ice.nominated)
  }
}

/** A relayed remote may have been met as an unknown address before its candidate came. */
function isRelayed({ localCandidate, remoteAddr }: IcePair, remotes: readonly IceCandidate[]): boolean {
  if (localCandidate.type === 'relay') return true
  return remotes.some(
    ({ type, host, port }) => type === 'relay' && host === remoteAddr[0] && port === remoteAddr[1],
  )
}

function overStream(transport: string) {
  return transport.toLowerCase() === 'udp' ? 'udp' : 'tcp'
}
