/** The sender's side of a transfer: offers one file, sends it within the receiver's window, and believes only the receiver's own sums. */
import { VoltdropError, asVoltdropError } from '../../protocol/errors.ts'
import {
  MAX_CHUNK_BYTES,
  encodeBye,
  encodeChunk,
  encodeEnd,
  encodeOffer,
} from '../../protocol/transfer/frames.ts'
import type { SavedBody } from '../../protocol/transfer/frames.ts'
import type { Primitives } from '../channel.ts'
import { Conversation, unexpected } from './conversation.ts'
import { FileDigest, hex } from './file-digest.ts'
import type { FileSums } from './file-digest.ts'
import type { SourceFile } from '../files.ts'
import type { Link } from '../link/link.ts'
import { ReadAhead } from './read-ahead.ts'
import type { Block } from './read-ahead.ts'

/** A chunk is sent three times at most: a fault that stays is in the machine, not on the way. */
const MAX_TIMES_AT_ONE_OFFSET = 3

const TRANSFER_ID_BYTES = 16

/** Bytes that the other side has written, of how many. First called when the offer is accepted, with 0. */
export type OnProgress = (doneBytes: number, totalBytes: number) => void

/**
 * Resolves once the receiver has saved the file with the very CRC-32 and SHA-256 that were sent. Rejects with a
 * VoltdropError otherwise, after telling the other side. Closes the link either way; the source stays the caller's.
 * Aborting `signal` ends it with `cancelled`.
 */
export async function sendFile(
  link: Link,
  source: SourceFile,
  primitives: Primitives,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<FileSums> {
  const conversation = new Conversation(link, signal)
  try {
    const windowBytes = await propose(conversation, source)
    onProgress(0, source.size)
    const sums = await new Sending(conversation, source, primitives, windowBytes, onProgress).run()
    // The file is safe at the other side: a connection lost during the goodbye no longer matters.
    await conversation.send(encodeBye()).catch(() => {})
    await conversation.finish().catch(() => {})
    return sums
  } catch (error) {
    const failure = asVoltdropError(error)
    await conversation.fail(failure, 'error')
    throw failure
  }
}

/** Offers the file; resolves with the window in bytes that the receiver grants. */
async function propose(conversation: Conversation, source: SourceFile): Promise<number> {
  const { name, size, mtimeMs } = source
  const entry = { path: name, kind: 'file' as const, size, mtime_ms: Math.trunc(mtimeMs) }
  const transfer = hex(crypto.getRandomValues(new Uint8Array(TRANSFER_ID_BYTES)))
  await conversation.send(encodeOffer({ transfer, entries: [entry], files: 1, bytes: size }))
  const answer = await conversation.next()
  if (answer.type !== 'accept') throw unexpected(answer)
  // Continuing a file that the receiver holds in part is not a capability of this version.
  if (answer.have.length !== 1 || answer.have[0] !== 0)
    throw new VoltdropError('broken_protocol', 'unexpected have')
  return answer.window
}

/** One file under way: a pump that sends and a listener that hears the receiver share its positions. */
class Sending {
  #conversation: Conversation
  #source: SourceFile
  #windowBytes: number
  #onProgress: OnProgress
  #digest: FileDigest
  #blocks: ReadAhead
  #block: Block = { offset: 0, bytes: new Uint8Array(0) }
  #primitives: Primitives
  /** Where the next chunk begins. */
  #position = 0
  /** Bytes the receiver has written. */
  #acknowledged = 0
  #rewindTo: number | undefined
  #lastAgain = { offset: -1, times: 0 }
  /** What was said in `end`; undefined until then. */
  #sums: FileSums | undefined
  #endSent = false
  #over = false
  #wake: () => void = () => {}

  constructor(
    conversation: Conversation,
    source: SourceFile,
    primitives: Primitives,
    windowBytes: number,
    onProgress: OnProgress,
  ) {
    this.#conversation = conversation
    this.#source = source
    this.#primitives = primitives
    this.#windowBytes = windowBytes
    this.#onProgress = onProgress
    this.#digest = new FileDigest(primitives)
    this.#blocks = new ReadAhead(source)
  }

  async run(): Promise<FileSums> {
    await this.#source.verifyUnchanged()
    const [sums] = await Promise.all([this.#listen(), this.#pump()])
    return sums
  }

  /** Sends whatever may be sent now, until the listener says that it is over. */
  async #pump(): Promise<void> {
    while (!this.#over) {
      if (this.#rewindTo !== undefined) this.#rewind(this.#rewindTo)
      else if (this.#position < this.#source.size && this.#hasRoom()) await this.#sendChunk()
      else if (this.#position === this.#source.size && !this.#endSent) await this.#sendEnd()
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  #hasRoom(): boolean {
    return this.#position + this.#chunkLength() - this.#acknowledged <= this.#windowBytes
  }

  #chunkLength(): number {
    return Math.min(MAX_CHUNK_BYTES, this.#source.size - this.#position)
  }

  async #sendChunk(): Promise<void> {
    const offset = this.#position
    if (offset >= this.#block.offset + this.#block.bytes.length) await this.#nextBlock()
    const from = offset - this.#block.offset
    const bytes = this.#block.bytes.subarray(from, from + this.#chunkLength())
    const crc32 = this.#primitives.crc32(bytes, 0)
    this.#position += bytes.length
    await this.#conversation.send(encodeChunk({ entry: 0, offset, crc32, bytes }))
  }

  /** Takes the sums of bytes that are read for the first time; what is read anew after a rewind is in them already. */
  async #nextBlock(): Promise<void> {
    this.#block = await this.#blocks.next()
    const fresh = this.#digest.size - this.#block.offset
    if (fresh < this.#block.bytes.length) this.#digest.update(this.#block.bytes.subarray(fresh))
  }

  #rewind(offset: number): void {
    this.#rewindTo = undefined
    this.#endSent = false
    this.#position = offset
    this.#block = { offset, bytes: new Uint8Array(0) }
    this.#blocks.restart(offset)
  }

  async #sendEnd(): Promise<void> {
    await this.#source.verifyUnchanged()
    this.#sums ??= this.#digest.sums()
    this.#endSent = true
    await this.#conversation.send(encodeEnd({ entry: 0, ...this.#sums }))
  }

  async #listen(): Promise<FileSums> {
    try {
      for (;;) {
        const frame = await this.#conversation.next()
        if (frame.type === 'saved') return this.#confirm(frame)
        else if (frame.type === 'received') this.#credit(frame.bytes)
        else if (frame.type === 'again') this.#again(frame.entry, frame.offset)
        else throw unexpected(frame)
        this.#wake()
      }
    } finally {
      this.#over = true
      this.#wake()
    }
  }

  #confirm(saved: SavedBody): FileSums {
    if (!this.#sums || saved.entry !== 0) throw new VoltdropError('broken_protocol', 'unexpected saved')
    if (saved.crc32 !== this.#sums.crc32 || saved.sha256 !== this.#sums.sha256)
      throw new VoltdropError('corrupt')
    this.#onProgress(this.#source.size, this.#source.size)
    return this.#sums
  }

  #credit(bytes: number): void {
    if (bytes < this.#acknowledged || bytes > this.#position)
      throw new VoltdropError('broken_protocol', 'impossible credit')
    this.#acknowledged = bytes
    this.#onProgress(bytes, this.#source.size)
  }

  /** Only the start of a chunk that is in flight can be asked for, and never one before the last one asked for. */
  #again(entry: number, offset: number): void {
    const inFlight = offset >= this.#acknowledged && offset < this.#position && offset % MAX_CHUNK_BYTES === 0
    if (entry !== 0 || !inFlight || offset < this.#lastAgain.offset) {
      throw new VoltdropError('broken_protocol', 'unexpected again')
    }
    const times = offset === this.#lastAgain.offset ? this.#lastAgain.times + 1 : 1
    if (times >= MAX_TIMES_AT_ONE_OFFSET) throw new VoltdropError('corrupt')
    this.#lastAgain = { offset, times }
    this.#rewindTo = offset
  }
}
