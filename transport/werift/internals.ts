/**
 * Every member of werift 0.25.2 that is used, as types; member-checks.ts looks for them on every connection. werift is imported in
 * peer.ts only and used through these types only. Most of them are not part of its public interface, so another version has to be
 * read before it is allowed here.
 */
import type { Address } from '../ice/stun-judge.ts'

export type { Address }

export interface WeriftEvent<Args extends unknown[]> {
  subscribe(call: (...args: Args) => void): { unSubscribe(): void }
  allUnsubscribe(): void
}

export interface WeriftSocket {
  on(event: 'error', listener: (error: Error) => void): unknown
  setRecvBufferSize?(bytes: number): void
  setSendBufferSize?(bytes: number): void
}

/** A request that waits for its answer. */
export interface StunTransaction {
  readonly request: { readonly messageMethod: number }
  readonly expectedAddr: Address
  integrityKey?: Buffer | undefined
  cancel(): void
}

export interface TurnClient {
  readonly transport: { readonly type: string; readonly socket?: WeriftSocket; close(): Promise<void> }
  readonly transactions: Record<string, StunTransaction>
  /** The server's address, once a name was resolved. */
  readonly serverEndpoint?: Address | undefined
  dataReceived: (this: TurnClient, data: Buffer, from: Address) => void
  handleChannelData(message: Buffer): void
  handleSTUNMessage(message: Buffer, from: Address): void
  request: (
    this: TurnClient,
    message: { attributes: [string, unknown][] },
    ...rest: unknown[]
  ) => Promise<unknown>
}

/** A local UDP socket (StunProtocol), a TURN allocation (StunOverTurnProtocol) or an ICE-TCP socket. */
export interface IceProtocol {
  readonly type: string
  readonly transport?: { readonly socket?: WeriftSocket }
  readonly turn?: TurnClient
  /** Not of a TURN allocation, whose requests are its client's. */
  readonly transactions?: Record<string, StunTransaction>
  datagramReceived?: (datagram: Buffer, from: Address) => void
  handleStunMessage?: (datagram: Buffer, from: Address) => void
}

export interface IceCandidate {
  priority: number
  readonly type: string
  readonly transport: string
  readonly host: string
  readonly port: number
}

export interface IcePair {
  readonly protocol: IceProtocol
  readonly localCandidate: IceCandidate
  readonly remoteCandidate: IceCandidate
  readonly remoteAddr: Address
  /** CandidatePairState: 3 is succeeded, which takes an answer with the right MESSAGE-INTEGRITY. */
  readonly state: number
  /** Seconds. */
  rtt?: number | undefined
  /** Of every check that came, for werift's statistics. */
  readonly requestTransactionIds: Set<string>
}

export interface IceConnection {
  localUsername: string
  localPassword: string
  stunServer?: unknown
  /** Finds the address of a candidate whose host is a name. */
  lookup?: { lookup(name: string): Promise<string>; close(): void } | undefined
  nominated?: IcePair | undefined
  checkList: IcePair[]
  /** Checks that came before there was a pair, kept until there is. */
  earlyChecks: unknown[]
  readonly remoteCandidates: IceCandidate[]
  protocols: IceProtocol[]
  remoteCandidatesEnd: boolean
  checkListDone: boolean
  readonly onIceCandidate: WeriftEvent<[unknown]>
  pairLocalProtocol(protocol: IceProtocol): void
  sortCheckList(): void
  appendLocalCandidate(candidate: IceCandidate): void
  /** A signed check has come from `from`. */
  checkIncoming(message: object, from: Address, protocol: IceProtocol): void
  send(datagram: Buffer): Promise<void>
  close(): Promise<void>
}

export interface AeadCipher {
  readonly blockAlgorithm: string
  readonly clientWriteKey: Buffer
  readonly serverWriteKey: Buffer
  /** Salt of 4 bytes, then room for the explicit nonce. */
  readonly clientNonce: Buffer
  readonly serverNonce: Buffer
}

/** What happens when an event of werift does. */
export interface Listener {
  execute(...args: unknown[]): void
}

export interface DtlsSocket {
  readonly options: object
  readonly transport: {
    socket: { send(datagram: Buffer): Promise<void>; onData(datagram: Buffer): void }
  }
  readonly dtls: { flight: number; recordSequenceNumber: number; cookie?: Buffer | undefined }
  readonly cipher: { readonly cipher?: AeadCipher }
  onConnect: Listener
  onError: Listener
  onClose: Listener
  onData: Listener
  /** Of the DTLS client only. */
  connect?: () => Promise<void>
}

export interface DtlsTransport {
  dtls?: DtlsSocket
  role: string
  start(): Promise<void>
  startSrtp(): void
  /** Throws when the certificate is not the one that the peer's description names. */
  verifyRemoteCertificateFingerprint(): void
  readonly iceTransport: { readonly connection: IceConnection }
  readonly onStateChange: WeriftEvent<[string]>
}

export interface SctpTransport {
  readonly dtlsTransport: DtlsTransport
  readonly sctp: {
    handleData(packet: Buffer): Promise<void>
    readonly onReceive: WeriftEvent<[number, number, Buffer]>
    readonly outboundQueue: readonly unknown[]
    readonly sentQueue: readonly unknown[]
  }
  remoteMaxMessageSize: number
  datachannelReceive(streamId: number, protocolId: number, data: Buffer): Promise<void>
  start(remotePort: number): Promise<void>
  stop(): Promise<void>
}

export interface WeriftDataChannel {
  readonly readyState: string
  readonly bufferedAmount: number
  bufferedAmountLowThreshold: number
  readonly onMessage: WeriftEvent<[string | Buffer]>
  readonly stateChanged: WeriftEvent<[string]>
  readonly bufferedAmountLow: WeriftEvent<[]>
  send(message: Buffer): void
  close(): void
}

export type Description = { type: 'offer' | 'answer'; sdp: string }

export interface PeerConnection {
  readonly sctpTransport?: SctpTransport
  readonly connectionStateChange: WeriftEvent<[string]>
  readonly onIceCandidate: WeriftEvent<
    [{ candidate?: string; sdpMid?: string; sdpMLineIndex?: number } | undefined]
  >
  readonly onDataChannel: WeriftEvent<[WeriftDataChannel]>
  createDataChannel(label: string): WeriftDataChannel
  createOffer(): Promise<Description>
  createAnswer(): Promise<Description>
  setLocalDescription(description: Description): Promise<unknown>
  setRemoteDescription(description: Description): Promise<void>
  addIceCandidate(candidate: object): Promise<void>
  gatherCandidates(): Promise<void>
  close(): Promise<void>
}
