/** Collects received bytes into blocks, adds them to the sums, and writes them in order while the next block is being filled. */
import type { Primitives } from '../channel.ts'
import { FileDigest } from './file-digest.ts'
import type { FileSums } from './file-digest.ts'
import type { PartFile } from '../files.ts'

/** The sender is told after each block how much is written: far more often than once a window, so it does not run out of window. */
const WRITE_BLOCK_BYTES = 1024 * 1024

/** Blocks that wait for the disk: limits memory whatever the sender does. */
const MAX_BLOCKS_WAITING = 4

export class WriteQueue {
  #part: PartFile
  #digest: FileDigest
  #onWritten: (totalBytes: number) => Promise<void>
  #onFailure: (error: unknown) => void
  #remaining: number
  #block = new Uint8Array(0)
  #filled = 0
  #spare: Uint8Array<ArrayBuffer>[] = []
  #waiting: Promise<void>[] = []
  #written = 0

  /**
   * `onWritten` is called and awaited after each block that was written. `onFailure` is called when a write or `onWritten` fails, first
   * with the cause.
   */
  constructor(
    part: PartFile,
    sizeBytes: number,
    primitives: Primitives,
    onWritten: (totalBytes: number) => Promise<void>,
    onFailure: (error: unknown) => void,
  ) {
    this.#part = part
    this.#remaining = sizeBytes
    this.#digest = new FileDigest(primitives)
    this.#onWritten = onWritten
    this.#onFailure = onFailure
  }

  /** Takes the next bytes of the file: at most `WRITE_BLOCK_BYTES`, and in total at most its size. Waits while the disk is behind. */
  async append(bytes: Uint8Array): Promise<void> {
    let taken = 0
    while (taken < bytes.length) {
      if (this.#filled === this.#block.length) this.#newBlock()
      const piece = bytes.subarray(taken, taken + this.#block.length - this.#filled)
      this.#block.set(piece, this.#filled)
      this.#filled += piece.length
      taken += piece.length
      if (this.#filled === this.#block.length) await this.#enqueue()
    }
  }

  /** Bytes that are on the disk. */
  get written(): number {
    return this.#written
  }

  /** True while a block waits for the disk. */
  get isWriting(): boolean {
    return this.#waiting.length > 0
  }

  /** Waits until everything is written. Resolves with the sums of the written bytes. */
  async finish(): Promise<FileSums> {
    while (this.#waiting.length > 0) await this.#waiting[0]
    return this.#digest.sums()
  }

  #newBlock(): void {
    const length = Math.min(WRITE_BLOCK_BYTES, this.#remaining)
    if (length === 0) throw new RangeError('more bytes than the announced size')
    const spare = this.#spare.pop()
    this.#block = spare?.length === length ? spare : new Uint8Array(length)
    this.#filled = 0
  }

  async #enqueue(): Promise<void> {
    const block = this.#block
    this.#remaining -= block.length
    this.#block = new Uint8Array(0)
    this.#filled = 0
    this.#digest.update(block)
    const before = this.#waiting.at(-1) ?? Promise.resolve()
    const written = before.then(() => this.#write(block))
    this.#waiting.push(written)
    written.catch(this.#onFailure)
    if (this.#waiting.length > MAX_BLOCKS_WAITING) await this.#waiting[0]
  }

  async #write(block: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#part.write(this.#written, block)
    this.#written += block.length
    this.#spare.push(block)
    await this.#onWritten(this.#written)
    void this.#waiting.shift()
  }
}
