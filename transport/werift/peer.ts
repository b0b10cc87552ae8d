/**
 * The one file that imports werift: a peer connection that asks no server but those named, opens on lossy links, drops what
 * unknown senders send, and hands its finished DTLS session to a data path. werift's internals are touched in this folder only,
 * and internals.ts lists every member that is used.
 */
import type { Candidate, PeerPlace } from '../contract.ts'
import type { ChosenServers } from '../ice/chosen-servers.ts'
import { hostAddresses } from '../ice/host-addresses.ts'
import { RemoteCandidates } from '../ice/remote-candidates.ts'
import {
  announceDatagrams,
  announcedDatagrams,
  checkDescription,
  separateCandidates,
} from '../ice/session-description.ts'
import type { Trace } from '../trace-events.ts'
import { asTransportError, throwAsBroken, TransportError } from '../transport-error.ts'
import { applyCandidateRules } from './candidate-rules.ts'
import { DtlsHandshake } from './dtls-handshake.ts'
import { replaceSctp, takeSession, type DtlsSession } from './dtls-session.ts'
import { IcePath } from './ice-path.ts'
import {
  checkDtlsSocket,
  checkPeerConnection,
  checkSctpTransport,
  checkTurnPrototype,
} from './member-checks.ts'
import type {
  Description,
  IceConnection,
  PeerConnection,
  SctpTransport,
  WeriftDataChannel,
} from './internals.ts'
import { peerConfiguration, type Candidates } from './peer-configuration.ts'
import { catchRejections } from './sctp-rejections.ts'
import { SocketGuard } from './socket-guard.ts'
import { endRequests, guardTurnClients } from './turn-guard.ts'

export type WeriftPeerOptions = {
  readonly servers: ChosenServers
  readonly relayOnly: boolean
  /** Names or addresses: what this host reaches them from comes first among its own addresses. */
  readonly towards: readonly string[]
  /** Of the data channel that an offer opens. */
  readonly label: string
  /** Name of the SDP attribute that session-description.ts writes and reads. */
  readonly datagramAttribute: string
  readonly trace: Trace | undefined
  readonly onCandidate: (candidate: Candidate) => void
  readonly dataPath: DataPathKind
  /** It has failed before a data path was listening to its IcePath. */
  readonly onFailed: (error: TransportError) => void
}

/** Who carries the data: this library's SCTP over the finished DTLS session, or werift's. */
export type DataPathKind =
  | { readonly kind: 'sctp'; readonly onSession: (session: DtlsSession) => void }
  /** werift has made a data channel, which may not be open yet. */
  | {
      readonly kind: 'werift'
      readonly onChannel: (channel: WeriftDataChannel, ice: IcePath, peer: WeriftPeer) => void
    }

/** werift retransmits its Finished under record numbers below this; ours start above, so that no nonce is used twice. */
const FIRST_RECORD_NUMBER = 256

/** ECDSA P-256 with SHA-256, in the numbers of RFC 5246 section 7.4.1.4.1 and RFC 8422 section 5.1.1. */
const CERTIFICATE_ALGORITHMS = { signatureHash: { signature: 3, hash: 4 }, namedCurve: 23 } as const

/** Imports werift, which takes 170 ms, ahead of the first attempt. */
export async function preloadWerift(): Promise<void> {
  await import('werift')
}

/** Imports werift on first use and makes a peer connection with a certificate of its own. */
export async function createWeriftPeer(options: WeriftPeerOptions): Promise<WeriftPeer> {
  const werift = await import('werift')
  guardTurnClients(checkTurnPrototype(werift.TurnProtocol.prototype))
  const { keyPem, certPem, signatureHash } = await werift.createSelfSignedCertificate(
    CERTIFICATE_ALGORITHMS.signatureHash,
    CERTIFICATE_ALGORITHMS.namedCurve,
  )
  const { servers, relayOnly, towards } = options
  const candidates = {
    remote: new RemoteCandidates({ relayOnly, relayMayLearnHosts: servers.relayMayLearnHosts }),
    hosts: relayOnly ? [] : await hostAddresses([...towards, ...servers.hosts]),
  }
  const connection = new werift.RTCPeerConnection({
    ...peerConfiguration(servers, relayOnly, candidates),
    certificates: [new werift.RTCCertificate(keyPem, certPem, signatureHash)],
  })
  return new WeriftPeer(checkPeerConnection(connection), options, candidates)
}

export class WeriftPeer {
  readonly #pc: PeerConnection
  readonly #options: WeriftPeerOptions
  readonly #candidates: Candidates
  #sctp: SctpTransport | undefined
  #icePath: IcePath | undefined
  #handshake: DtlsHandshake | undefined
  #gathered: Promise<void> = Promise.resolve()
  /** Candidates that came before their description. */
  #early: Candidate[] | undefined = []
  #remoteMaxDatagramBytes: number | undefined
  #relayed = 0
  #closed = false

  constructor(pc: PeerConnection, options: WeriftPeerOptions, candidates: Candidates) {
    this.#pc = pc
    this.#candidates = candidates
    this.#options = options
    pc.onIceCandidate.subscribe((candidate) => {
      const { candidate: line, sdpMid, sdpMLineIndex } = candidate ?? {}
      if (line)
        this.#emitCandidate({ candidate: line, sdpMid: sdpMid ?? '0', sdpMLineIndex: sdpMLineIndex ?? 0 })
    })
    pc.onDataChannel.subscribe((channel) => this.#offerChannel(channel))
    pc.connectionStateChange.subscribe((state) => {
      if (state === 'failed') this.#fail(new TransportError('no_path', 'the peer connection failed'))
    })
    // werift would hold the description back until every server has answered or timed out: candidates are trickled instead.
    const gather = pc.gatherCandidates.bind(pc)
    pc.gatherCandidates = () => {
      this.#gathered = gather().then(() => this.#onGathered())
      return Promise.resolve()
    }
  }

  /** The offer, before any candidate is known. */
  async createOffer(): Promise<string> {
    const channel = this.#pc.createDataChannel(this.#options.label)
    this.#prepareTransport()
    const offer = await this.#pc.createOffer()
    await this.#pc.setLocalDescription(offer)
    this.#offerChannel(channel)
    return this.#announced(offer)
  }

  async createAnswer(offer: string, place: PeerPlace): Promise<string> {
    await this.#describe({ type: 'offer', sdp: offer }, place)
    const answer = await this.#pc.createAnswer().catch(throwAsBroken)
    await this.#pc.setLocalDescription(answer)
    return this.#announced(answer)
  }

  async acceptAnswer(answer: string, place: PeerPlace): Promise<void> {
    await this.#describe({ type: 'answer', sdp: answer }, place)
  }

  /** A candidate that cannot be used is ignored: another one may work. */
  addCandidate(candidate: Candidate): void {
    if (this.#early) this.#early.push(candidate)
    else if (this.#candidates.remote.admitsNamed(candidate.candidate))
      this.#pc.addIceCandidate(candidate).catch(() => {})
  }

  /** With werift a bad early candidate would make the description fail, so they wait here. */
  async #describe(description: Description, { onThisHost }: PeerPlace): Promise<void> {
    checkDescription(description.sdp)
    this.#remoteMaxDatagramBytes = announcedDatagrams(description, this.#options.datagramAttribute)
    const { sdp, candidates } = separateCandidates(description.sdp)
    await this.#pc.setRemoteDescription({ type: description.type, sdp }).catch(throwAsBroken)
    // An offer has made the transport, which must keep our rules before a candidate reaches it.
    if (description.type === 'offer') this.#prepareTransport()
    this.#candidates.remote.peerIsOnThisHost = onThisHost
    const early = this.#early ?? []
    this.#early = undefined
    for (const candidate of [...candidates, ...early]) this.addCandidate(candidate)
  }

  /** werift's data path only: something sent is not acknowledged yet. */
  hasUnacknowledged(): boolean {
    const sctp = this.#sctp?.sctp
    return sctp !== undefined && sctp.outboundQueue.length + sctp.sentQueue.length > 0
  }

  /** Frees every socket and timer; werift's flight timers end at their next tick. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#handshake?.stop()
    const ice = this.#ice
    const dtls = this.#sctp?.dtlsTransport.dtls
    // A flight is retransmitted until the next one has begun, closed or not.
    if (dtls) dtls.dtls.flight = Number.MAX_SAFE_INTEGER
    if (ice) {
      ice.remoteCandidatesEnd = true
      ice.checkListDone = true
    }
    void this.#release(ice)
  }

  async #release(ice: IceConnection | undefined): Promise<void> {
    for (const { turn } of ice?.protocols ?? []) if (turn) endRequests(turn)
    await this.#pc.close().catch(() => {})
    // Nothing else would close the sockets that gathering has opened meanwhile.
    await this.#gathered.catch(() => {})
    await ice?.close().catch(() => {})
  }

  get #ice(): IceConnection | undefined {
    return this.#sctp?.dtlsTransport.iceTransport.connection
  }

  #fail(error: TransportError): void {
    if (this.#icePath) this.#icePath.fail(error)
    else this.#options.onFailed(error)
  }

  #offerChannel(channel: WeriftDataChannel): void {
    const { dataPath } = this.#options
    if (dataPath.kind === 'werift' && this.#icePath) dataPath.onChannel(channel, this.#icePath, this)
  }

  /** Without candidates of its own a host can still reach the peer's; with relayed ones only it cannot. */
  #onGathered(): void {
    if (this.#closed || !this.#options.relayOnly || this.#relayed > 0) return
    const reason = 'the TURN server gave no address: it does not answer, or refuses user name and credential'
    this.#fail(new TransportError('no_path', reason))
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

  /** Both sides have announced that they are of this library, and know it of each other. */
  get #isOwnKind(): boolean {
    return this.#options.dataPath.kind === 'sctp' && this.#remoteMaxDatagramBytes !== undefined
  }

  /** werift's SCTP fails on the padding of path MTU probes, so it must not announce that it takes large datagrams. */
  #announced(description: Description): string {
    const { dataPath, datagramAttribute } = this.#options
    return dataPath.kind === 'sctp' ? announceDatagrams(description, datagramAttribute) : description.sdp
  }

  /** Called between the description that makes the transport and the candidates and the gathering that use it. */
  #prepareTransport(): void {
    const sctp = checkSctpTransport(this.#pc.sctpTransport)
    this.#sctp = sctp
    const { dtlsTransport } = sctp
    const connection = dtlsTransport.iceTransport.connection
    // werift asks a server of Google's when none is named.
    if (!this.#options.servers.stun) connection.stunServer = undefined
    applyCandidateRules(connection, this.#candidates.remote, this.#candidates.hosts)
    const guard = new SocketGuard(connection)
    const ice = new IcePath(connection, {
      guard,
      trace: this.#options.trace,
      onClose: () => this.close(),
      onFailed: this.#options.onFailed,
    })
    this.#icePath = ice
    this.#prepareDtls(sctp, guard)
    this.#prepareSctp(sctp, guard, ice)
  }

  #prepareDtls({ dtlsTransport }: SctpTransport, guard: SocketGuard): void {
    // No media: without this a peer that negotiates no SRTP profile could not connect.
    dtlsTransport.startSrtp = () => {}
    const startDtls = dtlsTransport.start.bind(dtlsTransport)
    dtlsTransport.start = () => {
      const started = startDtls()
      if (dtlsTransport.dtls) {
        const handshake = new DtlsHandshake(dtlsTransport, this.#isOwnKind)
        this.#handshake = handshake
        guard.beginHandshake((datagram) => handshake.receive(datagram))
      }
      return started
    }
  }

  /** werift starts SCTP when the handshake is over. */
  #prepareSctp(sctp: SctpTransport, guard: SocketGuard, ice: IcePath): void {
    const { dataPath } = this.#options
    const startSctp = sctp.start.bind(sctp)
    sctp.start = async (remotePort) => {
      const { dtls } = checkDtlsSocket(sctp.dtlsTransport.dtls)
      guard.handshakeDone = true
      dtls.recordSequenceNumber = Math.max(dtls.recordSequenceNumber, FIRST_RECORD_NUMBER)
      ice.start()
      if (dataPath.kind === 'werift') return startSctp(remotePort)
      dataPath.onSession(takeSession(sctp, ice, remotePort, this.#remoteMaxDatagramBytes))
    }
    if (dataPath.kind === 'sctp') replaceSctp(sctp)
    else catchRejections(sctp, (error) => this.#fail(asTransportError(error, 'broken_protocol')))
  }
}
