/** Complete transfers in one process, and a scripted peer for one side of a transfer. */
import { nodePrimitives } from '../../../agent/primitives.ts'
import type { Clock } from '../../../peer/channel.ts'
import type { FileSums } from '../../../peer/transfer/file-digest.ts'
import type { Destination, SourceFile } from '../../../peer/files.ts'
import type { Link } from '../../../peer/link/link.ts'
import { receiveFile } from '../../../peer/transfer/receive-file.ts'
import type { ReceivePolicy, Received } from '../../../peer/transfer/receive-file.ts'
import { sendFile } from '../../../peer/transfer/send-file.ts'
import type { OnProgress, TransferSide } from '../../../peer/transfer/send-file.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import type { Failure } from '../../../protocol/errors.ts'
import { decodeFrame } from '../../../protocol/transfer/frames.ts'
import type { Frame } from '../../../protocol/transfer/frames.ts'
import { VirtualClock } from '../clock.ts'
import type { Fault } from './channel-pair.ts'

export const acceptAll: ReceivePolicy = { maxBytes: Number.MAX_SAFE_INTEGER, decide: async () => 'accept' }

/** How one side ended: with a value, or with a failure code and its detail. Other errors are thrown. */
export type Ending<T> =
  | { readonly value: T; readonly code?: undefined }
  | { readonly code: Failure; readonly detail?: string }

export async function ending<T>(side: Promise<T>): Promise<Ending<T>> {
  try {
    return { value: await side }
  } catch (error) {
    if (!(error instanceof VoltdropError) || error.code === 'internal') throw error
    return error.detail === undefined ? { code: error.code } : { code: error.code, detail: error.detail }
  }
}

export type TransferOptions = {
  readonly links: { readonly a: Link; readonly b: Link }
  readonly source: SourceFile
  readonly destination: Destination
  readonly policy?: ReceivePolicy
  readonly onSent?: OnProgress
  readonly onReceived?: OnProgress
  readonly senderSignal?: AbortSignal
  readonly receiverSignal?: AbortSignal
  /** One that stands still when it is absent. */
  readonly clock?: Clock
}

/** What one side of a transfer needs beside link and file. */
export function sideOf(clock: Clock, onProgress: OnProgress = ignore, signal?: AbortSignal): TransferSide {
  return { primitives: nodePrimitives, clock, onProgress, signal }
}

/** Runs both sides to their end: the sender on `links.a`. */
export async function transfer(
  options: TransferOptions,
): Promise<{ sender: Ending<FileSums>; receiver: Ending<Received> }> {
  const { links, source, destination, policy = acceptAll, onSent = ignore, onReceived = ignore } = options
  const { clock = new VirtualClock() } = options
  const [sender, receiver] = await Promise.all([
    ending(sendFile(links.a, source, sideOf(clock, onSent, options.senderSignal))),
    ending(receiveFile(links.b, destination, policy, sideOf(clock, onReceived, options.receiverSignal))),
  ])
  return { sender, receiver }
}

function ignore(): void {}

/** One end of a link that sends whatever a test wants. */
export class ScriptedPeer {
  readonly link: Link
  #messages: AsyncIterator<Uint8Array>

  constructor(link: Link) {
    this.link = link
    this.#messages = link.messages[Symbol.asyncIterator]()
  }

  send(...messages: Uint8Array[]): Promise<void[]> {
    return Promise.all(messages.map((message) => this.link.send(message)))
  }

  /** The next frame; undefined when the other side has ended. */
  async receive(): Promise<Frame | undefined> {
    const { done, value } = await this.#messages.next()
    return done ? undefined : decodeFrame(value)
  }

  /** Skips frames until the first of `type`, and returns that. */
  async receiveUntil<T extends Frame['type']>(type: T): Promise<Extract<Frame, { type: T }>> {
    for (;;) {
      const frame = await this.receive()
      if (frame === undefined) throw new Error(`the other side ended before ${type}`)
      if (isOfType(frame, type)) return frame
    }
  }
}

function isOfType<T extends Frame['type']>(frame: Frame, type: T): frame is Extract<Frame, { type: T }> {
  return frame.type === type
}

/** Flips one bit in the content of the chunk at `offset`, the first `times` times that it is sent. */
export function damageChunkAt(offset: number, times: number): Fault {
  let left = times
  return (message) => {
    const frame = decodeFrame(message)
    if (frame.type !== 'chunk' || frame.offset !== offset || left === 0) return [message]
    left -= 1
    const damaged = message.slice()
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1
    return [damaged]
  }
}
