/**
 * AES-128-GCM for the records of one direction (RFC 5288 section 3): a message is [explicit nonce:8][ciphertext][tag:16].
 * A GCM object of node:crypto serves one message, and creating it costs more than encrypting a packet. So for short messages
 * only AES itself comes from node:crypto and the rest is gcm.wat, in a third of the time. Long ones are faster in OpenSSL.
 */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import { noteLargeBuffers } from '../large-buffers.ts'
import { KeyStream } from './key-stream.ts'

/** The longest content that gcm.wat has room for; at about this length both take the same time. */
const MAX_SHORT_BYTES = 4_096

const CIPHER = 'aes-128-gcm'
const SALT_BYTES = 4
const EXPLICIT_NONCE_BYTES = 8
const NONCE_BYTES = SALT_BYTES + EXPLICIT_NONCE_BYTES
const TAG_BYTES = 16

/** What a message adds to its content, in bytes. */
export const GCM_OVERHEAD_BYTES = EXPLICIT_NONCE_BYTES + TAG_BYTES

/** gcm.wat has this length as a constant in its last block. */
export const ASSOCIATED_BYTES = 13

const options = { authTagLength: TAG_BYTES } as const

export class AesGcm {
  readonly #key: KeyObject
  readonly #nonce = Buffer.alloc(NONCE_BYTES)
  readonly #keyStream: KeyStream

  /** `salt` are the 4 implicit bytes of the nonce. */
  constructor(key: KeyObject, salt: Uint8Array) {
    this.#key = key
    this.#nonce.set(salt.subarray(0, SALT_BYTES))
    this.#keyStream = new KeyStream(key, salt)
  }

  /** Completes the message at offset `at` of `record`, which begins with its explicit nonce. `associated` has 13 bytes. */
  seal(record: Buffer, at: number, associated: Buffer, content: Uint8Array): void {
    if (content.length > MAX_SHORT_BYTES) return this.#sealLong(record, at, associated, content)
    const keyStreamAt = this.#begin(record, at, associated, content.length)
    const { memory, contentAt, seal } = this.#keyStream.module
    memory.set(content, contentAt)
    seal(keyStreamAt, content.length)
    memory.copy(record, at + EXPLICIT_NONCE_BYTES, contentAt, contentAt + content.length + TAG_BYTES)
  }

  /** The content of the message from offset `at` to the end of `record`; undefined when it is not authentic. */
  open(record: Buffer, at: number, associated: Buffer): Buffer | undefined {
    const contentBytes = record.length - at - GCM_OVERHEAD_BYTES
    if (contentBytes < 0) return undefined
    if (contentBytes > MAX_SHORT_BYTES) return this.#openLong(record, at, associated)
    const keyStreamAt = this.#begin(record, at, associated, contentBytes)
    const { memory, contentAt, open } = this.#keyStream.module
    record.copy(memory, contentAt, at + EXPLICIT_NONCE_BYTES)
    if (open(keyStreamAt, contentBytes) === 0) return undefined
    const content = Buffer.allocUnsafe(contentBytes)
    memory.copy(content, 0, contentAt, contentAt + contentBytes)
    return content
  }

  /** Prepares gcm.wat for a message with `contentBytes`; returns the offset of its key stream. */
  #begin(record: Buffer, at: number, associated: Buffer, contentBytes: number): number {
    const { memory, associatedAt } = this.#keyStream.module
    memory.set(associated, associatedAt)
    return this.#keyStream.locate(record.readUInt32BE(at), record.readUInt32BE(at + 4), contentBytes)
  }

  #sealLong(record: Buffer, at: number, associated: Buffer, content: Uint8Array): void {
    noteLargeBuffers(record.length + content.length)
    record.copy(this.#nonce, SALT_BYTES, at, at + EXPLICIT_NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, this.#key, this.#nonce, options)
    cipher.setAAD(associated)
    record.set(cipher.update(content), at + EXPLICIT_NONCE_BYTES)
    cipher.final()
    record.set(cipher.getAuthTag(), at + EXPLICIT_NONCE_BYTES + content.length)
  }

  #openLong(record: Buffer, at: number, associated: Buffer): Buffer | undefined {
    noteLargeBuffers(2 * record.length)
    record.copy(this.#nonce, SALT_BYTES, at, at + EXPLICIT_NONCE_BYTES)
    const decipher = createDecipheriv(CIPHER, this.#key, this.#nonce, options)
    const tagAt = record.length - TAG_BYTES
    decipher.setAuthTag(record.subarray(tagAt))
    decipher.setAAD(associated)
    const content = decipher.update(record.subarray(at + EXPLICIT_NONCE_BYTES, tagAt))
    try {
      decipher.final()
    } catch {
      return undefined
    }
    return content
  }
}
