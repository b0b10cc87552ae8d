/**
 * Every member of werift 0.25.2 that is used, as types and as a check made on every connection. werift is imported in peer.ts
 * only and used through these types only. Most of them are not part of its public interface, so another version has to be
 * read before it is allowed here.
 */
import { TransportError } from '../transport-error.ts'

/** The only version whose internals are known; a test compares the installed one with it. */
export const WERIFT_VERSION = '0.25.2'

export type Address = readonly [host: string, port: number]

export interface WeriftEvent<Args extends unknown[]> {
  subscribe(call: (...args: Args) => void): { unSubscribe(): void }
  allUnsubscribe(): void
}

export interface WeriftSocket {
  on(event: 'error', listener: (error: Error) => void): unknown
  setRecvBufferSize?(bytes: number): void
  setSendBufferSize?(bytes: number): void
}

/** The members of a parsed STUN message that are read. */
export type StunMessage = {
  readonly messageClass: number
  readonly transactionIdHex: string
  readonly attributesKeys: readonly string[]
  getAttributeValue(name: string): unknown
}

export interface TurnClient {
  readonly transport: { readonly type: string; readonly socket?: WeriftSocket }
  readonly transactions: Record<string, { integrityKey?: Buffer; cancel(): void }>
  handleSTUNMessage(datagram: Buffer, from: Address): void
  request(message: { attributes: [string, unknown][] }, ...rest: unknown[]): Promise<unknown>
}

/** A local UDP socket (StunProtocol), a TURN allocation (StunOverTurnProtocol) or an ICE-TCP socket. */
export interface IceProtocol {
  readonly type: string
  readonly transport?: { readonly socket?: WeriftSocket }
  readonly turn?: TurnClient
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
}

export interface IceConnection {
  localPassword: string
  stunServer?: unknown
  nominated?: IcePair | undefined
  checkList: IcePair[]
  readonly remoteCandidates: IceCandidate[]
  protocols: IceProtocol[]
  remoteCandidatesEnd: boolean
  checkListDone: boolean
  readonly onIceCandidate: WeriftEvent<[unknown]>
  pairLocalProtocol(protocol: IceProtocol): void
  sortCheckList(): void
  appendLocalCandidate(candidate: IceCandidate): void
  /** A signed check has come from `from`. */
  checkIncoming(message: StunMessage, from: Address, protocol: IceProtocol): void
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

export interface DtlsSocket {
  readonly transport: {
    readonly socket: { send(datagram: Buffer): Promise<void>; onData(datagram: Buffer): void }
  }
  readonly dtls: { flight: number; recordSequenceNumber: number }
  readonly cipher: { readonly cipher?: AeadCipher }
  /** Of the DTLS client only. */
  connect?: () => Promise<void>
}

export interface DtlsTransport {
  dtls?: DtlsSocket
  role: string
  start(): Promise<void>
  startSrtp(): void
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
  'dtlsTransport.iceTransport.connection.localPassword': 'string',
  'dtlsTransport.iceTransport.connection.stunServer': 'any',
  'dtlsTransport.iceTransport.connection.nominated': 'any',
  'dtlsTransport.iceTransport.connection.checkList': 'object',
  'dtlsTransport.iceTransport.connection.remoteCandidates': 'object',
  'dtlsTransport.iceTransport.connection.protocols': 'object',
  'dtlsTransport.iceTransport.connection.remoteCandidatesEnd': 'boolean',
  'dtlsTransport.iceTransport.connection.checkListDone': 'boolean',
  'dtlsTransport.iceTransport.connection.onIceCandidate.subscribe': 'function',
  'dtlsTransport.iceTransport.connection.pairLocalProtocol': 'function',
  'dtlsTransport.iceTransport.connection.sortCheckList': 'function',
  'dtlsTransport.iceTransport.connection.appendLocalCandidate': 'function',
  'dtlsTransport.iceTransport.connection.checkIncoming': 'function',
  'dtlsTransport.iceTransport.connection.send': 'function',
  'dtlsTransport.iceTransport.connection.close': 'function',
}

const turnMembers = {
  'transport.type': 'string',
  transactions: 'object',
  handleSTUNMessage: 'function',
  request: 'function',
}

const dtlsSocketMembers = {
  'transport.socket.send': 'function',
  'transport.socket.onData': 'function',
  'dtls.flight': 'number',
  'dtls.recordSequenceNumber': 'number',
  cipher: 'object',
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
export function checkTurnClient(value: unknown) {
  return checked<TurnClient>('TurnProtocol', value, turnMembers)
}
export function checkCipher(value: unknown) {
  return checked<AeadCipher>('AEADCipher', value, cipherMembers)
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
