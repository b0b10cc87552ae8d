/** Takes a finished DTLS session out of werift: its keys, its record counter and the path to the peer. */
import { createSecretKey } from 'node:crypto'
import type { EstablishedDtls } from '../dtls/dtls-layer.ts'
import type { RecordKeys } from '../dtls/dtls-records.ts'
import { TransportError } from '../transport-error.ts'
import type { IcePath } from './ice-path.ts'
import { checkCipher, checkDtlsSocket, WERIFT_VERSION } from './member-checks.ts'
import type { AeadCipher, SctpTransport } from './internals.ts'

/** A peer gives up after about ten tries. werift keeps each Finished that it reads, and an attacker on the path can replay one. */
const MAX_REPEATED_FLIGHTS = 16

/** A connected DTLS session, written and read by this library from now on, and what the session descriptions agreed on. */
export type DtlsSession = EstablishedDtls & {
  readonly ice: IcePath
  readonly remoteSctpPort: number
  /** 0 for no limit. */
  readonly remoteMaxMessageBytes: number
  /** What another peer of this library has announced; undefined for any other stack. */
  readonly remoteMaxDatagramBytes: number | undefined
}

/** Throws `internal` when the session is not what werift 0.25.2 makes. */
export function takeSession(
  sctp: SctpTransport,
  ice: IcePath,
  remoteSctpPort: number,
  remoteMaxDatagramBytes: number | undefined,
): DtlsSession {
  const dtls = checkDtlsSocket(sctp.dtlsTransport.dtls)
  const isClient = sctp.dtlsTransport.role === 'client'
  let repeats = 0
  return {
    ice,
    keys: recordKeys(checkCipher(dtls.cipher.cipher), isClient),
    isClient,
    remoteSctpPort,
    remoteMaxMessageBytes: sctp.remoteMaxMessageSize,
    remoteMaxDatagramBytes,
    nextRecordNumber: () => ++dtls.dtls.recordSequenceNumber,
    repeatFlight(record) {
      // The last flight is the server's; as a client werift would only report that it is connected a second time.
      if (!isClient && repeats++ < MAX_REPEATED_FLIGHTS) dtls.transport.socket.onData(record)
    },
  }
}

/** werift's association never starts, so nothing may reach it, and there is nothing to stop. */
export function replaceSctp(transport: SctpTransport): void {
  transport.sctp.handleData = () => Promise.resolve()
  transport.stop = () => Promise.resolve()
}

function recordKeys(cipher: AeadCipher, isClient: boolean): RecordKeys {
  if (cipher.blockAlgorithm !== 'aes-128-gcm') {
    throw new TransportError(
      'internal',
      `werift ${WERIFT_VERSION}: cipher ${cipher.blockAlgorithm} is not known`,
    )
  }
  const client = { key: createSecretKey(cipher.clientWriteKey), salt: Buffer.from(cipher.clientNonce) }
  const server = { key: createSecretKey(cipher.serverWriteKey), salt: Buffer.from(cipher.serverNonce) }
  const [write, read] = isClient ? [client, server] : [server, client]
  return { writeKey: write.key, readKey: read.key, writeSalt: write.salt, readSalt: read.salt }
}
