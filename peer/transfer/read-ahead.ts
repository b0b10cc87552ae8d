/** Reads a file in order, a few blocks ahead of whoever sends it, so that the disk and the link work at the same time. */
import { MAX_CHUNK_BYTES } from '../../protocol/transfer/data-frames.ts'
import type { SourceFile } from '../files.ts'

/** Whole chunks, near 1 MiB: large enough that the cost of a read does not count. */
export const BLOCK_BYTES = 16 * MAX_CHUNK_BYTES

/** Blocks being read or waiting: bounds memory to about 3 MiB. */
const MAX_BLOCKS_AHEAD = 3

export type Block = { readonly offset: number; readonly bytes: Uint8Array }

export class ReadAhead {
  #source: SourceFile
  #readTo = 0
  #blocks: Promise<Block>[] = []

  constructor(source: SourceFile) {
    this.#source = source
  }

  /** The block that follows the last one. Rejects as the source does; not to be called past the end. */
  async next(): Promise<Block> {
    while (this.#blocks.length < MAX_BLOCKS_AHEAD && this.#readTo < this.#source.size) this.#startReading()
    const block = this.#blocks.shift()
    if (!block) throw new RangeError('read past the end')
    return block
  }

  /** Continues at `offset`; what was read ahead is forgotten and will be read anew. */
  restart(offset: number): void {
    this.#blocks = []
    this.#readTo = offset
  }

  #startReading(): void {
    const offset = this.#readTo
    const length = Math.min(BLOCK_BYTES, this.#source.size - offset)
    this.#readTo += length
    const block = this.#source.read(offset, length).then((bytes) => ({ offset, bytes }))
    block.catch(() => {}) // `next` hands the rejection to whoever needs this block
    this.#blocks.push(block)
  }
}
