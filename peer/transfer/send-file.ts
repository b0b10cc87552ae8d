/** The sender's side of a transfer: offers one file, sends it within the receiver's window, and succeeds only on the receiver's own sums. */
import { VoltdropError, asVoltdropError } from '../../protocol/errors.ts'
import { encodeBye, encodeEnd } from '../../protocol/transfer/closing-frames.ts'
import type { SavedBody } from '../../protocol/transfer/closing-frames.ts'
import {
  MAX_CHUNK_BYTES,
  MAX_FAILURES_AT_ONE_OFFSET,
  encodeChunk,
  resendBudget,
} from '../../protocol/transfer/data-frames.ts'
import type { AgainBody } from '../../protocol/transfer/data-frames.ts'
import { dispatchFrame } from '../../protocol/transfer/frames.ts'
import { encodeOffer, MAX_TIME_MS } from '../../protocol/transfer/opening-frames.ts'
import type { Clock, Primitives } from '../channel.ts'
import type { SourceFile } from '../files.ts'
import type { Link } from '../link/link.ts'
import { Conversation, unexpected } from './conversation.ts'
import type { TransferHandlers } from './conversation.ts'
import { FileDigest, hex } from './file-digest.ts'
import type { FileSums } from './file-digest.ts'
import { ReadAhead } from './read-ahead.ts'
import type { Block } from './read-ahead.ts'

const TRANSFER_ID_BYTES = 16

/** A person decides about the offer, and may be at lunch. */
const ANSWER_WITHIN_MS = 3_600_000

/**
 * A receiver repeats its last credit every 15 s while it works and has no block to report. That counts as movement for half an hour: long
 * enough for a block over the slowest path, and for the cache of a slow disk when the file is synced.
 */
const MAX_REPEATED_CREDITS = 120

/** Bytes that the receiver has written, and the size of the file. First called with 0 when the offer is accepted, then when there are more. */
export type OnProgress = (doneBytes: number, totalBytes: number) => void

/** What either side of a transfer gets from its program. Aborting `signal` ends the transfer with `cancelled`. */
export type TransferSide = {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly onProgress: OnProgress
  readonly signal?: AbortSignal | undefined
}

/**
 * Resolves once the receiver has saved the file with the same CRC-32 and SHA-256 that this side computed. Otherwise rejects with a
 * VoltdropError, after reporting it to the other side: `interrupted` also when no byte moves for a minute, or the offer is not answered
 * within an hour. Closes the link in both cases; the caller closes the source.
 */
export async function sendFile(
  link: Link,
  source: SourceFile,
  { primitives, clock, onProgress, signal }: TransferSide,
): Promise<FileSums> {
  const conversation = new Conversation(link, clock, signal)
  try {
    const windowBytes = await propose(conversation, source)
    onProgress(0, source.size)
    const sums = await new Sending(conversation, source, primitives, windowBytes, onProgress).run()
    // The receiver has the file: it no longer matters if the connection breaks during the goodbye.
    await conversation.send(encodeBye()).catch(() => {})
    await conversation.finish().catch(() => {})
    return sums
  } catch (error) {
    const failure = asVoltdropError(error)
    await conversation.fail(failure, 'error')
    throw failure
  }
}

/** Offers the file. Resolves with the window that the receiver grants, in bytes. */
async function propose(conversation: Conversation, source: SourceFile): Promise<number> {
  const { name, ownName, size, mtimeMs } = source
  const entry = {
    path: name,
    ...(ownName === undefined ? {} : { own_name: ownName }),
    kind: 'file' as const,
    size,
    // Some file systems have later times than any calendar.
    mtime_ms: Math.trunc(Math.min(MAX_TIME_MS, Math.max(-MAX_TIME_MS, mtimeMs))),
  }
  const transfer = hex(crypto.getRandomValues(new Uint8Array(TRANSFER_ID_BYTES)))
  await conversation.send(encodeOffer({ transfer, entries: [entry], files: 1, bytes: size }))
  conversation.watch.expect(ANSWER_WITHIN_MS, () => 'the offer was not answered within an hour')
  const answer = await conversation.next()
  if (answer.type !== 'accept') return unexpected(answer)
  // This version has no capability to resume a file that the receiver holds in part.
  if (answer.have.length !== 1 || answer.have[0] !== 0)
    throw new VoltdropError('broken_protocol', 'unexpected have')
  return answer.window
}

/** Sends one file: `#pump` sends chunks while `#listen` handles the receiver's messages; they share the positions below. */
class Sending {
  #conversation: Conversation
  #source: SourceFile
  #windowBytes: number
  #onProgress: OnProgress
  #digest: FileDigest
  #blocks: ReadAhead
  #block: Block = { offset: 0, bytes: new Uint8Array(0) }
  #primitives: Primitives
  /** Offset of the next chunk. */
  #position = 0
  /** Bytes that the receiver has written. */
  #acknowledged = 0
  #rewindTo: number | undefined
  #lastAgain = { offset: -1, times: 0 }
  /** Bytes that went, or have to go, once more. */
  #resentBytes = 0
  #repeatedCredits = 0
  #isReading = false
  /** The sums sent in `end`; undefined before that. */
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
    this.#expectBytes()
    const [sums] = await Promise.all([this.#listen(), this.#pump()])
    return sums
  }

  /** Sends whatever may be sent now, until the listener ends. */
  async #pump(): Promise<void> {
    while (!this.#over) {
      if (this.#rewindTo !== undefined) this.#rewind(this.#rewindTo)
      else if (this.#position < this.#source.size && this.#hasRoom()) await this.#sendChunk()
      else if (this.#position === this.#source.size && !this.#endSent) await this.#sendEnd()
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  #expectBytes(): void {
    this.#conversation.expectBytes(() =>
      this.#isReading ? 'the file of this side gave none' : 'the other side took none',
    )
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

  /** Adds bytes to the sums when they are read for the first time; bytes read again after a rewind are already included. */
  async #nextBlock(): Promise<void> {
    this.#isReading = true
    this.#block = await this.#blocks.next()
    this.#isReading = false
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
    this.#sums ??= this.#digest.sums()
    // A source whose identity or times differ is read once more, which can take long; the receiver is patient here too.
    this.#conversation.watch.stop()
    await this.#source.verifyUnchanged(this.#sums)
    this.#expectBytes()
    this.#endSent = true
    await this.#conversation.send(encodeEnd({ entry: 0, ...this.#sums }))
  }

  readonly #handlers: TransferHandlers<FileSums | undefined> = {
    saved: (saved) => this.#confirm(saved),
    received: (received) => this.#credit(received.bytes),
    again: (again) => this.#again(again),
    hello: unexpected,
    offer: unexpected,
    accept: unexpected,
    chunk: unexpected,
    end: unexpected,
    bye: unexpected,
  }

  async #listen(): Promise<FileSums> {
    try {
      for (;;) {
        const sums = dispatchFrame(await this.#conversation.next(), this.#handlers)
        if (sums) return sums
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

  #credit(bytes: number): undefined {
    if (bytes < this.#acknowledged || bytes > this.#position)
      throw new VoltdropError('broken_protocol', 'impossible credit')
    const isNew = bytes > this.#acknowledged
    this.#repeatedCredits = isNew ? 0 : this.#repeatedCredits + 1
    if (this.#repeatedCredits <= MAX_REPEATED_CREDITS) this.#conversation.watch.moved()
    this.#acknowledged = bytes
    if (isNew) this.#onProgress(bytes, this.#source.size)
  }

  /** Only the start of a chunk in flight may be requested, and never one before the last request. */
  #again({ entry, offset }: AgainBody): undefined {
    const inFlight = offset >= this.#acknowledged && offset < this.#position && offset % MAX_CHUNK_BYTES === 0
    if (entry !== 0 || !inFlight || offset < this.#lastAgain.offset) {
      throw new VoltdropError('broken_protocol', 'unexpected again')
    }
    const times = offset === this.#lastAgain.offset ? this.#lastAgain.times + 1 : 1
    this.#resentBytes += (this.#rewindTo ?? this.#position) - offset
    if (times >= MAX_FAILURES_AT_ONE_OFFSET || this.#resentBytes > resendBudget(this.#source.size))
      throw new VoltdropError('corrupt')
    this.#lastAgain = { offset, times }
    this.#rewindTo = offset
  }
}
