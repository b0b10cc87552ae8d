/** Checks that werift has every member that internals.ts names: another version would fail later, and unnoticed. */
import type { PendingRequest } from '../ice/stun-judge.ts'
import { TransportError } from '../transport-error.ts'
import type {
  AeadCipher,
  DtlsSocket,
  PeerConnection,
  SctpTransport,
  StunTransaction,
  TurnClient,
} from './internals.ts'

/** The only version whose internals are known; a test compares the installed one with it. */
export const WERIFT_VERSION = '0.25.2'

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
  'dtlsTransport.iceTransport.connection.appendLocalCandidate': 'function',
  'dtlsTransport.iceTransport.connection.checkIncoming': 'function',
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
  cancel: 'function',
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
