/**
 * DTLS 1.2 records of a session whose handshake is over (RFC 6347 section 4.1, RFC 5288): AES-128-GCM, epoch 1 only.
 * Every packet passes through here, so a record costs one allocation and no closure.
 */
import type { KeyObject } from 'node:crypto'
import { TransportError } from '../transport-error.ts'
import {
  ALERT,
  APPLICATION_DATA,
  HANDSHAKE,
  MAX_DATAGRAM_RECORDS,
  RECORD_HEADER_BYTES,
} from './datagram-guard.ts'
import { AesGcm, ASSOCIATED_BYTES, GCM_OVERHEAD_BYTES } from './gcm/aes-gcm.ts'
import { ReplayWindow } from './replay-window.ts'

// Record: [type:1][version:2 = fe fd][epoch:2 = 1][number:6][length:2][explicit nonce:8][ciphertext][tag:16]
// Associated data: [epoch:2][number:6][type:1][version:2][plaintext length:2]
const DTLS_VERSION = 0xfefd
const EPOCH = 1

/** What a record adds to its content, in bytes. */
export const DTLS_RECORD_OVERHEAD_BYTES = RECORD_HEADER_BYTES + GCM_OVERHEAD_BYTES

/** AES-GCM's limit for one key is far above; a 48-bit number must not wrap (RFC 6347 section 4.1). */
const MAX_RECORD_NUMBER = 2 ** 48 - 1

/** RFC 5246 section 7.2. */
const ALERT_FATAL = 2
const CLOSE_NOTIFY = 0

/** RFC 5246 section 7.4. */
const FINISHED = 20

export type RecordKeys = {
  readonly writeKey: KeyObject
  readonly readKey: KeyObject
  /** The 4 implicit bytes of each direction's nonce. */
  readonly writeSalt: Uint8Array
  readonly readSalt: Uint8Array
}

export type RecordEvents = {
  /** The content of an authentic application record, in memory of its own. */
  readonly onData: (content: Buffer) => void
  /** An authentic close_notify or fatal alert. */
  readonly onAlert: () => void
  /** The peer has retransmitted its Finished, in this authentic record: it did not get our last flight. */
  readonly onFinished: (record: Buffer) => void
}

export class DtlsRecords {
  readonly #writer: AesGcm
  readonly #reader: AesGcm
  readonly #events: RecordEvents
  readonly #nextNumber: () => number
  readonly #window = new ReplayWindow()
  readonly #associated = Buffer.alloc(ASSOCIATED_BYTES)

  /**
   * `nextNumber` gives the number of the next record. It must be the session's only counter: a number that is used
   * twice under one key breaks AES-GCM (NIST SP 800-38D section 8).
   */
  constructor(keys: RecordKeys, nextNumber: () => number, events: RecordEvents) {
    this.#writer = new AesGcm(keys.writeKey, keys.writeSalt)
    this.#reader = new AesGcm(keys.readKey, keys.readSalt)
    this.#nextNumber = nextNumber
    this.#events = events
    this.#associated.writeUInt16BE(EPOCH, 0)
    this.#associated.writeUInt16BE(DTLS_VERSION, 9)
  }

  /** An application record with `content`. Throws `interrupted` when the numbers are used up. */
  seal(content: Uint8Array): Buffer {
    return this.#seal(APPLICATION_DATA, content)
  }

  /** The close_notify alert. */
  sealClose(): Buffer {
    return this.#seal(ALERT, Uint8Array.of(1, CLOSE_NOTIFY))
  }

  #seal(type: number, content: Uint8Array): Buffer {
    const number = this.#nextNumber()
    if (number > MAX_RECORD_NUMBER)
      throw new TransportError('interrupted', 'the connection has sent 2^48 records')
    const record = Buffer.allocUnsafe(DTLS_RECORD_OVERHEAD_BYTES + content.length)
    record[0] = type
    record.writeUInt16BE(DTLS_VERSION, 1)
    record.writeUInt16BE(EPOCH, 3)
    record.writeUIntBE(number, 5, 6)
    record.writeUInt16BE(GCM_OVERHEAD_BYTES + content.length, 11)
    record.copy(record, RECORD_HEADER_BYTES, 3, 11)
    this.#writer.seal(record, RECORD_HEADER_BYTES, this.#associate(record, type, content.length), content)
    return record
  }

  /** Opens the records of a datagram. Records that are not authentic, not new or not of epoch 1 are silently dropped. */
  open(datagram: Buffer): void {
    let start = 0
    let left = MAX_DATAGRAM_RECORDS
    while (left-- > 0 && start + RECORD_HEADER_BYTES <= datagram.length) {
      const end = start + RECORD_HEADER_BYTES + datagram.readUInt16BE(start + 11)
      if (end > datagram.length) return
      if (datagram.readUInt16BE(start + 3) === EPOCH) {
        this.#openRecord(start === 0 && end === datagram.length ? datagram : datagram.subarray(start, end))
      }
      start = end
    }
  }

  #openRecord(record: Buffer): void {
    const type = record[0]
    if (type === APPLICATION_DATA || type === ALERT) {
      const number = record.readUIntBE(5, 6)
      const content = this.#window.isNew(number) ? this.#decrypt(record, type) : undefined
      if (content === undefined) return
      this.#window.accept(number)
      if (type === APPLICATION_DATA) this.#events.onData(content)
      else if (content[0] === ALERT_FATAL || content[1] === CLOSE_NOTIFY) this.#events.onAlert()
    } else if (type === HANDSHAKE && this.#decrypt(record, type)?.[0] === FINISHED) {
      // Some stacks retransmit a flight under its old numbers. Anything but a Finished would begin a new handshake.
      this.#events.onFinished(record)
    }
  }

  /** The content of an authentic record. A forged or damaged one is dropped, not answered (RFC 6347 section 4.1.2.7). */
  #decrypt(record: Buffer, type: number): Buffer | undefined {
    const contentBytes = record.length - DTLS_RECORD_OVERHEAD_BYTES
    if (contentBytes < 0 || record.readUInt16BE(1) !== DTLS_VERSION) return undefined
    return this.#reader.open(record, RECORD_HEADER_BYTES, this.#associate(record, type, contentBytes))
  }

  #associate(record: Buffer, type: number, contentBytes: number): Buffer {
    const associated = this.#associated
    record.copy(associated, 0, 3, 11)
    associated[8] = type
    associated.writeUInt16BE(contentBytes, 11)
    return associated
  }
}
