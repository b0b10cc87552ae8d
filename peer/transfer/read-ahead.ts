/** Reads a file in order, a few blocks ahead of the sender, so that the disk and the link work at the same time. */
import { MAX_CHUNK_BYTES } from '../../protocol/transfer/data-frames.ts'
import type { SourceFile } from '../files.ts'

/** Whole chunks, about 1 MiB: large enough that the overhead of a read does not matter. */
const READ_BLOCK_BYTES = 16 * MAX_CHUNK_BYTES

/** Blocks that are being read or wait to be sent: limits memory to about 3 MiB. */
const MAX_BLOCKS_AHEAD = 3

export type Block = { readonly offset: number; readonly bytes: Uint8Array }

export class ReadAhead {
  #source: SourceFile
  #readTo = 0
  #blocks: Promise<Block>[] = []

  constructor(source: SourceFile) {
    this.#source = source
  }

  /** The next block. Rejects as the source does. Must not be called past the end. */
  async next(): Promise<Block> {
    while (this.#blocks.length < MAX_BLOCKS_AHEAD && this.#readTo < this.#source.size) this.#startReading()
    const block = this.#blocks.shift()
    if (!block) throw new RangeError('read past the end')
    return block
  }

  /** Continues at `offset`. Blocks that were read ahead are dropped and will be read again. */
  restart(offset: number): void {
    this.#blocks = []
    this.#readTo = offset
  }

  #startReading(): void {
    const offset = this.#readTo
    const length = Math.min(READ_BLOCK_BYTES, this.#source.size - offset)
    this.#readTo += length
    const block = this.#source.read(offset, length).then((bytes) => ({ offset, bytes }))
    block.catch(() => {}) // the rejection is for the caller of `next` that gets this block
    this.#blocks.push(block)
  }
}
