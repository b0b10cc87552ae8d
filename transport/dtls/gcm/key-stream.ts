/**
 * The key stream of nonces that count upwards, made for several at once: a call of node:crypto costs more than the AES of
 * ten packets. Each part serves its own nonce and no other.
 */
import { createCipheriv, type Cipheriv, type KeyObject } from 'node:crypto'
import { instantiateGcm, type GcmModule } from './gcm-module.ts'

const BLOCK_BYTES = 16

/** What gcm.wat has room for. */
const MAX_BLOCKS = 1_028

const NONCES_OF_HIGH = 2 ** 32

export class KeyStream {
  readonly module: GcmModule
  readonly #aes: Cipheriv
  readonly #salt: number
  /** The nonces whose key stream lies ready: `#count` from `#low` on, `#blocks` to each. */
  #high = 0
  #low = 0
  #count = 0
  #blocks = 0
  /** The most blocks that one of them was asked for. */
  #asked = 0

  /** `salt` are the 4 implicit bytes of a nonce. */
  constructor(key: KeyObject, salt: Uint8Array) {
    // A block cipher without a mode: it lives as long as the key, where a GCM object serves one message.
    this.#aes = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
    this.#salt = Buffer.from(salt).readUInt32BE()
    this.module = instantiateGcm(this.#aes.update(new Uint8Array(BLOCK_BYTES)))
  }

  /** Where the key stream of a nonce lies: the tag's block, and blocks for `bytes` of content. Good until the next call. */
  locate(high: number, low: number, bytes: number): number {
    const blocks = 1 + Math.ceil(bytes / BLOCK_BYTES)
    const isReady = high === this.#high && low >= this.#low && low < this.#low + this.#count
    if (!isReady || blocks > this.#blocks) this.#prepare(high, low, blocks)
    if (blocks > this.#asked) this.#asked = blocks
    return this.module.keyStreamAt + (low - this.#low) * this.#blocks * BLOCK_BYTES
  }

  /** Twice as many nonces as the last time when they do count upwards; just one when not: some peers draw them. */
  #prepare(high: number, low: number, blocks: number): void {
    const steps = low - this.#low
    const isNext = high === this.#high && steps >= 0 && steps < 2 * this.#count
    this.#blocks = Math.max(blocks, isNext ? this.#asked : 0)
    const room = Math.min(Math.floor(MAX_BLOCKS / this.#blocks), NONCES_OF_HIGH - low)
    this.#count = isNext ? Math.min(2 * this.#count, room) : 1
    this.#high = high
    this.#low = low
    this.#asked = 0
    const { memory, keyStreamAt, counters } = this.module
    counters(this.#salt, high, low, this.#count, this.#blocks)
    const end = keyStreamAt + this.#count * this.#blocks * BLOCK_BYTES
    memory.set(this.#aes.update(memory.subarray(keyStreamAt, end)), keyStreamAt)
  }
}
