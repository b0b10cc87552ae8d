/** Takes a finished DTLS session out of werift: its keys, its record counter and the way to the peer. */
import { createSecretKey } from 'node:crypto'
import { TransportError } from '../transport-error.ts'
import type { RecordKeys } from '../dtls/dtls-records.ts'
import {
  checkCipher,
  checkDtlsSocket,
  WERIFT_VERSION,
  type AeadCipher,
  type IcePair,
  type SctpTransport,
} from './internals.ts'
import type { SocketGuard } from './socket-guard.ts'

/** A peer gives up after about ten tries; werift keeps each Finished that it reads, and anyone on the way can play one again. */
const MAX_REPEATED_FLIGHTS = 16

/** A connected DTLS session that is ours to write and read from now on. */
export type DtlsSession = {
  readonly keys: RecordKeys
  /** Decides the parity of the streams we open (RFC 8832 section 6). */
  readonly isDtlsClient: boolean
  readonly remoteSctpPort: number
  readonly remoteMaxMessageBytes: number
  /** What a peer of ours has announced; undefined for any other. */
  readonly remoteMaxDatagramBytes: number | undefined
  /** The peer's address now, and a name that changes with the way to it. */
  remoteHost(): string
  pathName(): string
  isRelayed(): boolean
  /** The number of the next record, from the counter that werift uses too. */
  nextRecordNumber(): number
  /** Through werift's ICE connection: it is dropped once consent to send has expired (RFC 7675). */
  send(datagram: Buffer): void
  /** Every DTLS datagram of the peer goes to `take`, and none to werift. */
  read(take: (datagram: Buffer) => void): void
  /** Gives the peer's repeated Finished to werift, which repeats our last flight if it was ours to send. */
  repeatFlight(record: Buffer): void
}

/** Throws `internal` when the session is not what werift 0.25.2 makes. */
export function takeSession(
  sctp: SctpTransport,
  guard: SocketGuard,
  remoteSctpPort: number,
  remoteMaxDatagramBytes: number | undefined,
): DtlsSession {
  const dtls = checkDtlsSocket(sctp.dtlsTransport.dtls)
  const ice = sctp.dtlsTransport.iceTransport.connection
  const { nominated } = ice
  if (!nominated) throw new TransportError('internal', 'werift: a handshake without a nominated pair')
  const pair: () => IcePair = () => ice.nominated ?? nominated
  const isDtlsClient = sctp.dtlsTransport.role === 'client'
  let repeats = 0
  return {
    keys: recordKeys(checkCipher(dtls.cipher.cipher), isDtlsClient),
    isDtlsClient,
    remoteSctpPort,
    remoteMaxMessageBytes: sctp.remoteMaxMessageSize,
    remoteMaxDatagramBytes,
    remoteHost: () => pair().remoteAddr[0],
    pathName: () => `${pair().localCandidate.host} ${pair().remoteAddr.join(' ')}`,
    isRelayed: () => pair().protocol.turn !== undefined,
    nextRecordNumber: () => ++dtls.dtls.recordSequenceNumber,
    send(datagram) {
      // A datagram that cannot leave is a lost one, which SCTP repairs.
      ice.send(datagram).catch(ignore)
    },
    read(take) {
      guard.takeRecords = take
    },
    repeatFlight: (record) => {
      // The last flight is the server's; a client of werift's would only take itself for connected once more.
      if (!isDtlsClient && repeats++ < MAX_REPEATED_FLIGHTS) dtls.transport.socket.onData(record)
    },
  }
}

/** werift's association never starts, so nothing may reach it, and there is nothing to stop. */
export function replaceSctp(transport: SctpTransport): void {
  transport.sctp.handleData = () => Promise.resolve()
  transport.stop = () => Promise.resolve()
}

function recordKeys(cipher: AeadCipher, isDtlsClient: boolean): RecordKeys {
  if (cipher.blockAlgorithm !== 'aes-128-gcm') {
    throw new TransportError(
      'internal',
      `werift ${WERIFT_VERSION}: cipher ${cipher.blockAlgorithm} is not known`,
    )
  }
  const client = { key: createSecretKey(cipher.clientWriteKey), salt: Buffer.from(cipher.clientNonce) }
  const server = { key: createSecretKey(cipher.serverWriteKey), salt: Buffer.from(cipher.serverNonce) }
  const [write, read] = isDtlsClient ? [client, server] : [server, client]
  return { writeKey: write.key, readKey: read.key, writeSalt: write.salt, readSalt: read.salt }
}

function ignore() {}
