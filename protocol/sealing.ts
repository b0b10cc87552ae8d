/**
 * Keys and sealed records (PROTOCOL.md sections 3 and 4): one key for each direction and purpose, and a strict counter for each key.
 * Sealed signals and data records have the same layout: `[type:1][ciphertext][tag:16]`.
 */
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { VoltdropError } from './errors.ts'

/** AES-256-GCM under one key, by the platform's own cipher. */
export interface Aead {
  /** `[unused:1][ciphertext][tag:16]`: the caller fills the first byte, so a record needs no second buffer. */
  seal(nonce: Uint8Array, associated: Uint8Array, plain: Uint8Array): Uint8Array | Promise<Uint8Array>
  /** Throws or rejects when the tag does not match. */
  open(nonce: Uint8Array, associated: Uint8Array, sealed: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** Largest record in bytes: what every WebRTC stack accepts as one message (RFC 8831 section 6.6, RFC 8841 section 6.1). */
export const MAX_RECORD_BYTES = 65_536

/** Bytes by which a sealed record is longer than its content: type and tag. */
export const SEALED_OVERHEAD_BYTES = 17

const KEY_BYTES = 32
const NONCE_BYTES = 12

/** The associated data of each type: its byte. */
const associatedData = Array.from({ length: 256 }, (_, type) => Uint8Array.of(type))

/** Derives the key, 32 bytes, for a label of PROTOCOL.md section 3. The same label always gives the same key. */
export type KeySchedule = (label: string) => Uint8Array

/** HKDF-SHA512 (RFC 5869) of the ISK, bound to the transcript of the handshake. */
export function keySchedule(isk: Uint8Array, transcript: Uint8Array): KeySchedule {
  const pseudorandomKey = extract(sha512, isk, sha512(transcript))
  return (label) =>
    expand(sha512, pseudorandomKey, new TextEncoder().encode(`voltdrop v1 ${label}`), KEY_BYTES)
}

export type Opened = { readonly type: number; readonly content: Uint8Array }

/** Seals the records of one direction. Each call uses the next counter, so records must be sent in the order of the calls. */
export class Sealer {
  readonly #aead: Aead
  #counter: number

  /** `counter` is for tests with large counters only. */
  constructor(aead: Aead, counter = 0) {
    this.#aead = aead
    this.#counter = counter
  }

  /** Returns the record when the platform's cipher is synchronous, otherwise a promise of it. */
  seal(type: number, content: Uint8Array): Uint8Array | Promise<Uint8Array> {
    if (content.length > MAX_RECORD_BYTES - SEALED_OVERHEAD_BYTES) {
      throw new VoltdropError('internal', `a record of ${content.length} bytes is too long to send`)
    }
    const sealed = this.#aead.seal(nonceOf(this.#counter++), associatedOf(type), content)
    return sealed instanceof Promise ? sealed.then((record) => typed(type, record)) : typed(type, sealed)
  }
}

/** Opens the records of one direction, only in the order in which they were sealed. The first failure is final. */
export class Opener {
  readonly #aead: Aead
  #counter = 0
  #failed = false

  constructor(aead: Aead) {
    this.#aead = aead
  }

  /** @throws VoltdropError `tampered` for anything but the next record of the other side, and for every record after such a failure. */
  open(record: Uint8Array): Opened | Promise<Opened> {
    const type = record[0]
    const wellFormed = record.length >= SEALED_OVERHEAD_BYTES && record.length <= MAX_RECORD_BYTES
    if (this.#failed || !wellFormed || type === undefined) return this.#fail()
    try {
      const content = this.#aead.open(nonceOf(this.#counter++), associatedOf(type), record.subarray(1))
      if (!(content instanceof Promise)) return { type, content }
      return content.then(
        (bytes) => (this.#failed ? this.#fail() : { type, content: bytes }),
        (cause: unknown) => this.#fail(cause),
      )
    } catch (cause) {
      return this.#fail(cause)
    }
  }

  #fail(cause?: unknown): never {
    this.#failed = true
    throw new VoltdropError('tampered', undefined, { cause })
  }
}

/** `[0:4][counter:8]`. A new array for each call, because an asynchronous cipher may read it later. */
function nonceOf(counter: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES)
  // Byte by byte is several times faster than a DataView here. 48 bits are enough: 2^48 records are never sent.
  nonce[11] = counter
  nonce[10] = counter >>> 8
  nonce[9] = counter >>> 16
  nonce[8] = counter >>> 24
  const high = Math.floor(counter / 2 ** 32)
  nonce[7] = high
  nonce[6] = high >>> 8
  return nonce
}

function associatedOf(type: number): Uint8Array {
  const associated = associatedData[type]
  if (associated === undefined) throw new VoltdropError('internal', `no record has the type ${type}`)
  return associated
}

function typed(type: number, record: Uint8Array): Uint8Array {
  record[0] = type
  return record
}
