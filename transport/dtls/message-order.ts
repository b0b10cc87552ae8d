/**
 * Puts the messages of a handshake together and in order (RFC 6347 section 4.2.3). werift handles them as they arrive, so that a
 * lost, reordered or repeated part would end a handshake.
 */
import type { Fragment, HandshakeMessage } from './handshake-bytes.ts'

/** A flight has at most five messages. */
const MAX_AHEAD = 8

/** Certificates have less than 2,000 bytes; other stacks send no longer message than this. */
const MAX_MESSAGE_BYTES = 16_384
const MAX_PARTS = 64

type Incomplete = { readonly type: number; readonly length: number; readonly parts: Map<number, Buffer> }

export class MessageOrder {
  #next: number
  readonly #incomplete = new Map<number, Incomplete>()
  readonly #taken = new Map<number, HandshakeMessage>()

  /** `next` is the sequence number of the first message to take. */
  constructor(next: number) {
    this.#next = next
  }

  /** Keeps a fragment that is not of a message taken already. What is kept is never more than what came, and bounded. */
  add({ type, sequence, length, offset, part }: Fragment): void {
    if (sequence < this.#next || sequence >= this.#next + MAX_AHEAD || length > MAX_MESSAGE_BYTES) return
    let message = this.#incomplete.get(sequence)
    // Whatever contradicts what was there replaces it: the true sender repeats itself, and a forger need not be first.
    if (!message || message.type !== type || message.length !== length)
      message = { type, length, parts: new Map() }
    this.#incomplete.set(sequence, message)
    if (message.parts.size < MAX_PARTS || message.parts.has(offset)) message.parts.set(offset, part)
  }

  /** The next message once it is complete. One for which `isExpected` is false is dropped, and may come again. */
  take(isExpected: (type: number) => boolean): HandshakeMessage | undefined {
    const sequence = this.#next
    const message = this.#incomplete.get(sequence)
    const body = message && completed(message)
    if (!message || !body) return undefined
    this.#incomplete.delete(sequence)
    if (!isExpected(message.type)) return undefined
    this.#next++
    const taken = { type: message.type, sequence, body }
    this.#taken.set(sequence, taken)
    return taken
  }

  /** The message that was taken under the fragment's number; `same` when the fragment is part of it. */
  taken({
    type,
    sequence,
    length,
    offset,
    part,
  }: Fragment): { message: HandshakeMessage; same: boolean } | undefined {
    const message = this.#taken.get(sequence)
    if (!message) return undefined
    const same =
      message.type === type &&
      message.body.length === length &&
      message.body.subarray(offset, offset + part.length).equals(part)
    return { message, same }
  }
}

function completed({ length, parts }: Incomplete): Buffer | undefined {
  const ordered: Buffer[] = []
  let at = 0
  while (at < length) {
    const part = parts.get(at)
    if (!part) return undefined
    ordered.push(part)
    at += part.length
  }
  return at === length ? Buffer.concat(ordered) : undefined
}
