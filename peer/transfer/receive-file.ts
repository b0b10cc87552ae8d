/** The receiver's side of a transfer: checks what is offered, writes it beside its final name, and has the last word on whether it arrived. */
import { VoltdropError, asVoltdropError } from '../../protocol/errors.ts'
import { encodeAccept, encodeAgain, encodeReceived, encodeSaved } from '../../protocol/transfer/frames.ts'
import { safeName } from '../../protocol/transfer/safe-name.ts'
import type { Failure } from '../../protocol/errors.ts'
import type { Chunk, EndBody, OfferBody, OfferedEntry } from '../../protocol/transfer/frames.ts'
import type { Primitives } from '../channel.ts'
import { Conversation, unexpected } from './conversation.ts'
import type { FileSums } from './file-digest.ts'
import type { Destination, PartFile } from '../files.ts'
import type { Link } from '../link/link.ts'
import type { OnProgress } from './send-file.ts'
import { WriteQueue } from './write-queue.ts'

/** Bytes that may be in flight: fills a path of 1 Gbit/s with 130 ms round trip. */
const WINDOW_BYTES = 16 * 1024 * 1024

/** Failures at one offset after which the transfer is given up. */
const MAX_FAILURES_AT_ONE_OFFSET = 3

export type ReceivePolicy = {
  /** Largest file accepted. */
  readonly maxBytes: number
  /**
   * The last word on an offer whose name and size have been found acceptable, for example a person's. Aborting `signal` says that
   * nobody waits for it any more: the other side has left.
   */
  decide(
    offer: { readonly name: string; readonly size: number; readonly mtimeMs: number },
    signal: AbortSignal,
  ): Promise<'accept' | Failure>
}

export type Received = FileSums & {
  /** What `PartFile.publish` answered. */
  readonly savedAs: string
  /** False when the connection broke before the sender confirmed that it knows; the file is whole all the same. */
  readonly confirmed: boolean
}

/**
 * Resolves when the file is verified and published. Rejects with a VoltdropError otherwise, after telling the other
 * side and removing the part file. Closes the link either way. Aborting `signal` ends it with `cancelled`.
 */
export async function receiveFile(
  link: Link,
  destination: Destination,
  policy: ReceivePolicy,
  primitives: Primitives,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<Received> {
  const conversation = new Conversation(link, signal)
  let part: PartFile | undefined
  try {
    const entry = await consider(conversation, policy)
    part = await destination.create(entry)
    await conversation.send(encodeAccept({ window: WINDOW_BYTES, have: [0] }))
    onProgress(0, entry.size)
    const sums = await new Receiving(conversation, part, entry.size, primitives, onProgress).run()
    const savedAs = await part.publish()
    return { ...sums, savedAs, confirmed: await confirm(conversation, sums) }
  } catch (error) {
    const failure = asVoltdropError(error)
    await part?.discard()
    await conversation.fail(failure, part ? 'error' : 'decline')
    throw failure
  }
}

/** Waits for the offer and judges it: shape and limits first, then the policy. The entry's path is a safe name from here on. */
async function consider(conversation: Conversation, policy: ReceivePolicy): Promise<OfferedEntry> {
  const offer = await conversation.next()
  if (offer.type !== 'offer') throw unexpected(offer)
  const entry = soleEntry(offer)
  if (entry.size > policy.maxBytes) throw new VoltdropError('too_large', `${entry.size} bytes offered`)
  const over = new AbortController()
  const question = { name: entry.path, size: entry.size, mtimeMs: entry.mtime_ms }
  const verdict = await conversation
    .whileQuiet(policy.decide(question, over.signal))
    .finally(() => over.abort())
  if (verdict === 'declined') throw new VoltdropError('declined', 'on this side')
  if (verdict !== 'accept') throw new VoltdropError(verdict)
  return entry
}

function soleEntry(offer: OfferBody): OfferedEntry {
  const [entry, ...others] = offer.entries
  if (!entry || others.length > 0) throw new VoltdropError('bad_offer', 'more than one file')
  const path = safeName(entry.path)
  if (path === undefined) throw new VoltdropError('bad_offer', 'its name is not safe here')
  return { ...entry, path }
}

/** Tells the sender that the file is safe. True when it said goodbye: the file stands whether it knows or not. */
async function confirm(conversation: Conversation, sums: FileSums): Promise<boolean> {
  try {
    await conversation.send(encodeSaved({ entry: 0, crc32: sums.crc32, sha256: sums.sha256 }))
    const goodbye = await conversation.next()
    await conversation.finish()
    return goodbye.type === 'bye'
  } catch {
    // Whatever broke now broke after the work was done; only the link is left to be released.
    await conversation.finish().catch(() => {})
    return false
  }
}

/** One file under way, in order, up to the sums that both sides agree on. */
class Receiving {
  #conversation: Conversation
  #size: number
  #primitives: Primitives
  #queue: WriteQueue
  /** Where the next chunk must begin: everything before it has been accepted. */
  #expected = 0
  #failuresHere = 0
  /** Set after `again`: what was in flight is dropped until the chunk asked for comes. */
  #awaitingRetry = false
  #droppedBytes = 0

  constructor(
    conversation: Conversation,
    part: PartFile,
    size: number,
    primitives: Primitives,
    onProgress: OnProgress,
  ) {
    this.#conversation = conversation
    this.#size = size
    this.#primitives = primitives
    function credit(totalBytes: number): Promise<void> {
      onProgress(totalBytes, size)
      return conversation.send(encodeReceived(totalBytes))
    }
    function giveUp(error: unknown): void {
      return conversation.interrupt(asVoltdropError(error))
    }
    this.#queue = new WriteQueue(part, size, primitives, credit, giveUp)
  }

  async run(): Promise<FileSums> {
    for (;;) {
      const frame = await this.#conversation.next()
      if (frame.type === 'chunk') await this.#chunk(frame)
      else if (frame.type !== 'end') throw unexpected(frame)
      else if (!this.#awaitingRetry) return this.#end(frame)
    }
  }

  async #chunk(chunk: Chunk): Promise<void> {
    if (chunk.entry !== 0) throw new VoltdropError('broken_protocol', 'chunk of an unknown file')
    if (chunk.offset !== this.#expected) return this.#drop(chunk)
    if (chunk.bytes.length > this.#size - this.#expected)
      throw new VoltdropError('broken_protocol', 'more than was offered')
    if (this.#primitives.crc32(chunk.bytes, 0) !== chunk.crc32) return this.#askAgain()
    this.#awaitingRetry = false
    this.#failuresHere = 0
    this.#expected += chunk.bytes.length
    await this.#queue.append(chunk.bytes)
  }

  /** No honest sender has more than the window in flight when it is asked to go back. */
  #drop(chunk: Chunk): void {
    this.#droppedBytes += chunk.bytes.length
    if (!this.#awaitingRetry || this.#droppedBytes > WINDOW_BYTES) {
      throw new VoltdropError('broken_protocol', 'chunk out of order')
    }
  }

  async #askAgain(): Promise<void> {
    this.#failuresHere += 1
    if (this.#failuresHere === MAX_FAILURES_AT_ONE_OFFSET) throw new VoltdropError('corrupt')
    this.#awaitingRetry = true
    this.#droppedBytes = 0
    await this.#conversation.send(encodeAgain(0, this.#expected))
  }

  async #end(end: EndBody): Promise<FileSums> {
    if (end.entry !== 0 || end.size !== this.#size || this.#expected !== this.#size) {
      throw new VoltdropError('broken_protocol', 'not the size that was offered')
    }
    const sums = await this.#queue.finish()
    if (sums.crc32 !== end.crc32 || sums.sha256 !== end.sha256) throw new VoltdropError('corrupt')
    return sums
  }
}
