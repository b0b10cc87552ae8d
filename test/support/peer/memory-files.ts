/** Files in memory for both ends of a transfer, with the faults that a disk can have. */
import { randomBytes } from 'node:crypto'
import type { Destination, PartFile, SourceFile } from '../../../peer/files.ts'
import type { OfferedEntry } from '../../../protocol/transfer/opening-frames.ts'
import { VoltdropError } from '../../../protocol/errors.ts'

export type MemorySource = SourceFile & { readonly bytes: Uint8Array; changed: boolean; reads: number }

export function memorySource(bytes: Uint8Array | number, name = 'cells.csv'): MemorySource {
  const content = typeof bytes === 'number' ? randomBytes(bytes) : bytes
  return {
    name,
    bytes: content,
    size: content.length,
    mtimeMs: 1_700_000_000_000,
    changed: false,
    reads: 0,
    async read(offset, length) {
      this.reads += 1
      return content.slice(offset, offset + length)
    },
    async verifyUnchanged() {
      if (this.changed) throw new VoltdropError('source_changed')
    },
    async close() {},
  }
}

/** A destination that records everything that happens to it. */
export class MemoryDestination implements Destination {
  readonly published = new Map<string, Uint8Array>()
  readonly offered: OfferedEntry[] = []
  discarded = 0
  written = 0
  /** Awaited before each write takes effect. */
  beforeWrite: (offset: number) => Promise<void> = () => Promise.resolve()
  refusal: VoltdropError | undefined

  async create(entry: OfferedEntry): Promise<PartFile> {
    this.offered.push(entry)
    if (this.refusal) throw this.refusal
    const pieces: Uint8Array[] = []
    return {
      write: async (offset, bytes) => {
        if (offset !== this.written) throw new VoltdropError('internal', 'not in order')
        await this.beforeWrite(offset)
        pieces.push(bytes.slice())
        this.written += bytes.length
      },
      publish: async () => {
        if (this.published.has(entry.path)) throw new VoltdropError('file_exists')
        this.published.set(entry.path, Buffer.concat(pieces))
        return `/there/${entry.path}`
      },
      discard: async () => void this.discarded++,
    }
  }
}
