/**
 * Every member of werift 0.25.2 that is used, as types and as a check made on every connection. werift is imported in peer.ts
 * only and used through these types only. Most of them are not part of its public interface, so another version has to be
 * read before it is allowed here.
 */
import type { Address, PendingRequest } from '../ice/stun-judge.ts'
import { TransportError } from '../transport-error.ts'

/** The only version whose internals are known; a test compares the installed one with it. */
export const WERIFT_VERSION = '0.25.2'

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

const peerMembers = {
  createDataChannel: 'function',
  createOffer: 'function',
  createAnswer: 'function',
  setLocalDescription: 'function',
  setRemoteDescription: 'function',
  addIceCandidate: 'function',
  gatherCandidates: 'function',
  close: 'function',
  onDataChannel: 'object',
  onIceCandidate: 'object',
  connectionStateChange: 'object',
}

const sctpTransportMembers = {
  'dtlsTransport.start': 'function',
  'dtlsTransport.startSrtp': 'function',
  'dtlsTransport.verifyRemoteCertificateFingerprint': 'function',
  'dtlsTransport.role': 'string',
  'dtlsTransport.onStateChange.subscribe': 'function',
  'sctp.handleData': 'function',
  'sctp.onReceive.allUnsubscribe': 'function',
  'sctp.outboundQueue': 'object',
  'sctp.sentQueue': 'object',
  remoteMaxMessageSize: 'number',
  datachannelReceive: 'function',
  start: 'function',
  stop: 'function',
  'dtlsTransport.iceTransport.connection.localUsername': 'string',
  'dtlsTransport.iceTransport.connection.localPassword': 'string',
  'dtlsTransport.iceTransport.connection.stunServer': 'any',
  'dtlsTransport.iceTransport.connection.lookup': 'any',
  'dtlsTransport.iceTransport.connection.nominated': 'any',
  'dtlsTransport.iceTransport.connection.checkList': 'object',
  'dtlsTransport.iceTransport.connection.earlyChecks': 'object',
  'dtlsTransport.iceTransport.connection.remoteCandidates': 'object',
  'dtlsTransport.iceTransport.connection.protocols': 'object',
  'dtlsTransport.iceTransport.connection.remoteCandidatesEnd': 'boolean',
  'dtlsTransport.iceTransport.connection.checkListDone': 'boolean',
  'dtlsTransport.iceTransport.connection.onIceCandidate.subscribe': 'function',
  'dtlsTransport.iceTransport.connection.pairLocalProtocol': 'function',
  'dtlsTransport.iceTransport.connection.sortCheckList': 'function',
  'dtlsTransport.iceTransport.connection.send': 'function',
  'dtlsTransport.iceTransport.connection.close': 'function',
}

const turnPrototypeMembers = {
  serverEndpoint: 'any',
  dataReceived: 'function',
  handleChannelData: 'function',
  handleSTUNMessage: 'function',
  request: 'function',
}

const transactionMembers = {
  'request.messageMethod': 'number',
  expectedAddr: 'object',
}

const dtlsSocketMembers = {
  'transport.socket.send': 'function',
  'transport.socket.onData': 'function',
  'dtls.flight': 'number',
  'dtls.recordSequenceNumber': 'number',
  cipher: 'object',
  options: 'object',
  'onConnect.execute': 'function',
  'onError.execute': 'function',
  'onClose.execute': 'function',
  'onData.execute': 'function',
}

const cipherMembers = {
  blockAlgorithm: 'string',
  clientWriteKey: 'object',
  serverWriteKey: 'object',
  clientNonce: 'object',
  serverNonce: 'object',
}

export function checkPeerConnection(value: unknown) {
  return checked<PeerConnection>('RTCPeerConnection', value, peerMembers)
}
export function checkSctpTransport(value: unknown) {
  return checked<SctpTransport>('RTCSctpTransport', value, sctpTransportMembers)
}
export function checkDtlsSocket(value: unknown) {
  return checked<DtlsSocket>('DtlsSocket', value, dtlsSocketMembers)
}
/** What all TURN clients have in common; `transactions` and `transport` come with each. */
export function checkTurnPrototype(value: unknown) {
  return checked<TurnClient>('TurnProtocol', value, turnPrototypeMembers)
}
export function checkCipher(value: unknown) {
  return checked<AeadCipher>('AEADCipher', value, cipherMembers)
}

/** The request that waits in `transaction`. */
export function pendingRequest(transaction: StunTransaction): PendingRequest {
  const known = checked<StunTransaction>('Transaction', transaction, transactionMembers)
  return { method: known.request.messageMethod, address: known.expectedAddr, key: known.integrityKey }
}

/** `value` as T when it has all `members`; throws `internal` naming the first that is missing or of another type. */
function checked<T>(name: string, value: unknown, members: Record<string, string>): T {
  for (const [path, kind] of Object.entries(members)) {
    const found = path.split('.').reduce<{ value: unknown; present: boolean }>(
      ({ value: holder }, key) => {
        const present = typeof holder === 'object' && holder !== null && key in holder
        return { value: present ? Reflect.get(holder, key) : undefined, present }
      },
      { value, present: true },
    )
    if (!found.present || (kind !== 'any' && typeof found.value !== kind)) {
      throw new TransportError('internal', `werift ${WERIFT_VERSION} is needed: ${name}.${path} has changed`)
    }
  }
  return value as T
}
