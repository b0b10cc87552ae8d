/**
 * The key stream of consecutive nonces, made for several at a time: a call of node:crypto costs more than the AES of ten
 * packets. Each nonce has a part of its own, so no key stream is used twice.
 */
import { createCipheriv, type Cipheriv, type KeyObject } from 'node:crypto'
import { instantiateGcm, type GcmModule } from './gcm-module.ts'

const BLOCK_BYTES = 16

/** As many as gcm.wat has room for. */
const MAX_BLOCKS = 1_028

const NONCES_OF_HIGH = 2 ** 32

export class KeyStream {
  readonly module: GcmModule
  readonly #aes: Cipheriv
  readonly #salt: number
  /** The nonces whose key stream is ready: `#count` from `#low` on, `#blocks` each. */
  #high = 0
  #low = 0
  #count = 0
  #blocks = 0
  /** The most blocks that were needed for one of them. */
  #asked = 0

  /** `salt` are the 4 implicit bytes of a nonce. */
  constructor(key: KeyObject, salt: Uint8Array) {
    // The bare block cipher: one object serves as long as the key, while a GCM object serves one message.
    this.#aes = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
    this.#salt = Buffer.from(salt).readUInt32BE()
    this.module = instantiateGcm(this.#aes.update(new Uint8Array(BLOCK_BYTES)))
  }

  /** The offset of a nonce's key stream: the tag's block, then blocks for `bytes` of content. Valid until the next call. */
  locate(high: number, low: number, bytes: number): number {
    const blocks = 1 + Math.ceil(bytes / BLOCK_BYTES)
    const isReady = high === this.#high && low >= this.#low && low < this.#low + this.#count
    if (!isReady || blocks > this.#blocks) this.#prepare(high, low, blocks)
    if (blocks > this.#asked) this.#asked = blocks
    return this.module.keyStreamAt + (low - this.#low) * this.#blocks * BLOCK_BYTES
  }

  /** For consecutive nonces twice as many as the last time; otherwise just one, because some peers draw them at random. */
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
