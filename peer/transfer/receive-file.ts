/** The receiver's side of a transfer: checks the offer, writes a part file, and decides by its own sums whether the file arrived. */
import { VoltdropError, asVoltdropError } from '../../protocol/errors.ts'
import type { Failure } from '../../protocol/errors.ts'
import { encodeSaved } from '../../protocol/transfer/closing-frames.ts'
import type { EndBody } from '../../protocol/transfer/closing-frames.ts'
import {
  MAX_FAILURES_AT_ONE_OFFSET,
  encodeAgain,
  encodeReceived,
  resendBudget,
} from '../../protocol/transfer/data-frames.ts'
import type { ChunkBody } from '../../protocol/transfer/data-frames.ts'
import { dispatchFrame } from '../../protocol/transfer/frames.ts'
import { encodeAccept } from '../../protocol/transfer/opening-frames.ts'
import type { OfferBody, OfferedEntry } from '../../protocol/transfer/opening-frames.ts'
import { nearestSafeName, safeName } from '../../protocol/transfer/safe-name.ts'
import type { Primitives } from '../channel.ts'
import type { Destination, PartFile } from '../files.ts'
import type { Link } from '../link/link.ts'
import { Conversation, unexpected } from './conversation.ts'
import type { TransferHandlers } from './conversation.ts'
import type { FileSums } from './file-digest.ts'
import type { OnProgress, TransferSide } from './send-file.ts'
import { SignsOfWork } from './signs-of-work.ts'
import { WriteQueue } from './write-queue.ts'

/** Bytes that may be in flight: enough for 1 Gbit/s at a round trip of 130 ms. */
const WINDOW_BYTES = 16 * 1024 * 1024

/** A sender may first have to fetch what it offers: an export of a large catalogue takes minutes. */
const OFFER_WITHIN_MS = 600_000
/** Between the last byte and `end` a sender may have to read its whole file once more. */
const END_WITHIN_MS = 1_800_000

export type ReceivePolicy = {
  /** Largest file accepted, in bytes. */
  readonly maxBytes: number
  /**
   * Decides on an offer whose name and size are acceptable, for example by asking a person. `signal` is aborted when the answer is no
   * longer needed because the other side has left.
   */
  decide(
    offer: {
      readonly name: string
      /** What the file is called at the sender, where that is not a safe name. Any text. */
      readonly ownName?: string | undefined
      readonly size: number
      readonly mtimeMs: number
    },
    signal: AbortSignal,
  ): Promise<'accept' | Failure>
}

export type Received = FileSums & {
  /** What `PartFile.publish` returned. */
  readonly savedAs: string
  /** False when the connection broke before the sender confirmed that it knows. The file is complete in either case. */
  readonly confirmed: boolean
}

/**
 * Resolves when the file is verified and published. Otherwise rejects with a VoltdropError, after reporting it to the other side and
 * removing the part file: `interrupted` also when no byte moves for a minute. Closes the link in both cases.
 */
export async function receiveFile(
  link: Link,
  destination: Destination,
  policy: ReceivePolicy,
  { primitives, clock, onProgress, signal }: TransferSide,
): Promise<Received> {
  const conversation = new Conversation(link, clock, signal)
  let part: PartFile | undefined
  let signs: SignsOfWork | undefined
  try {
    const entry = await acceptableOffer(conversation, policy)
    part = await destination.create(entry)
    await conversation.send(encodeAccept({ window: WINDOW_BYTES, have: [0] }))
    onProgress(0, entry.size)
    const receiving = new Receiving(conversation, part, entry.size, primitives, onProgress)
    signs = new SignsOfWork(clock, () => receiving.repeatCredit())
    const sums = await receiving.run(signs)
    signs.publishing()
    const savedAs = await part.publish()
    signs.stop()
    return { ...sums, savedAs, confirmed: await confirm(conversation, sums) }
  } catch (error) {
    const failure = asVoltdropError(error)
    signs?.stop()
    await part?.discard()
    await conversation.fail(failure, part ? 'error' : 'decline')
    throw failure
  }
}

/** Waits for the offer and checks it: its shape and limits first, then the policy. The path of the returned entry is a safe name. */
async function acceptableOffer(conversation: Conversation, policy: ReceivePolicy): Promise<OfferedEntry> {
  conversation.watch.expect(OFFER_WITHIN_MS, () => 'the other side offered nothing within ten minutes')
  const offer = await conversation.next()
  conversation.watch.stop()
  if (offer.type !== 'offer') return unexpected(offer)
  const entry = soleEntry(offer)
  if (entry.size > policy.maxBytes) throw new VoltdropError('too_large', `${entry.size} bytes offered`)
  const over = new AbortController()
  const question = {
    name: entry.path,
    ownName: entry.own_name,
    size: entry.size,
    mtimeMs: entry.mtime_ms,
  }
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
  if (path === undefined) throw new VoltdropError('bad_offer', 'its name is not safe')
  if (entry.own_name !== undefined && nearestSafeName(entry.own_name) !== path)
    throw new VoltdropError('bad_offer', 'its name does not follow from that at the sender')
  return { ...entry, path }
}

/** Tells the sender that the file is safe. True when the sender confirmed that with `bye`; the file is kept in either case. */
async function confirm(conversation: Conversation, sums: FileSums): Promise<boolean> {
  try {
    await conversation.send(encodeSaved({ entry: 0, crc32: sums.crc32, sha256: sums.sha256 }))
    conversation.expectBytes(() => 'the other side did not confirm')
    const goodbye = await conversation.next()
    await conversation.finish()
    return goodbye.type === 'bye'
  } catch {
    // The file is already published: only the link is left to release.
    await conversation.finish().catch(() => {})
    return false
  }
}

/** Receives one file, in order, up to the sums that both sides must agree on. */
class Receiving {
  #conversation: Conversation
  #size: number
  #primitives: Primitives
  #queue: WriteQueue
  /** Offset of the next chunk: everything before it has been accepted. */
  #expected = 0
  #failuresHere = 0
  /** True after `again`, until the requested chunk arrives: chunks that were in flight are dropped. */
  #awaitingRetry = false
  #droppedBytes = 0
  /** Bytes that came damaged, or after those, over the whole transfer. */
  #uselessBytes = 0

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
      conversation.watch.moved()
      onProgress(totalBytes, size)
      return conversation.send(encodeReceived(totalBytes))
    }
    function giveUp(error: unknown): void {
      return conversation.interrupt(asVoltdropError(error))
    }
    this.#queue = new WriteQueue(part, size, primitives, credit, giveUp)
  }

  readonly #handlers: TransferHandlers<Promise<FileSums | undefined>> = {
    chunk: (chunk) => this.#chunk(chunk),
    // An `end` that was sent before `again` arrived is dropped like the chunks before it.
    end: async (end) => (this.#awaitingRetry ? undefined : this.#end(end)),
    hello: unexpected,
    offer: unexpected,
    accept: unexpected,
    received: unexpected,
    again: unexpected,
    saved: unexpected,
    bye: unexpected,
  }

  async run(signs: SignsOfWork): Promise<FileSums> {
    this.#conversation.expectBytes(() =>
      this.#queue.isWriting ? 'the disk of this side took none' : 'the other side sent none',
    )
    if (this.#size === 0) this.#expectEnd()
    for (;;) {
      const sums = await dispatchFrame(await this.#conversation.next(), this.#handlers)
      signs.moved()
      if (!sums) continue
      this.#conversation.watch.stop()
      return sums
    }
  }

  /** A sign of work: the sender learns nothing new by it, but that this side is there. */
  repeatCredit(): void {
    this.#conversation.send(encodeReceived(this.#queue.written)).catch(() => {}) // whoever reads next is told why
  }

  async #chunk(chunk: ChunkBody): Promise<undefined> {
    if (chunk.entry !== 0) throw new VoltdropError('broken_protocol', 'chunk of an unknown file')
    if (chunk.offset !== this.#expected) return this.#drop(chunk)
    if (chunk.bytes.length > this.#size - this.#expected)
      throw new VoltdropError('broken_protocol', 'more than was offered')
    if (this.#primitives.crc32(chunk.bytes, 0) !== chunk.crc32) return this.#askAgain(chunk)
    this.#awaitingRetry = false
    this.#failuresHere = 0
    this.#expected += chunk.bytes.length
    this.#conversation.watch.moved()
    await this.#queue.append(chunk.bytes)
    if (this.#expected === this.#size) this.#expectEnd()
  }

  #expectEnd(): void {
    const { watch } = this.#conversation
    watch.expect(
      END_WITHIN_MS,
      () => 'the other side did not say within half an hour that its file is unchanged',
    )
  }

  /** A sender that keeps to the protocol has at most the window in flight when it is asked to go back. */
  #drop(chunk: ChunkBody): undefined {
    this.#droppedBytes += chunk.bytes.length
    if (!this.#awaitingRetry || this.#droppedBytes > WINDOW_BYTES) {
      throw new VoltdropError('broken_protocol', 'chunk out of order')
    }
    this.#countUseless(chunk)
  }

  #countUseless({ bytes }: ChunkBody): void {
    this.#uselessBytes += bytes.length
    if (this.#uselessBytes > resendBudget(this.#size)) throw new VoltdropError('corrupt')
  }

  async #askAgain(chunk: ChunkBody): Promise<undefined> {
    this.#countUseless(chunk)
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
