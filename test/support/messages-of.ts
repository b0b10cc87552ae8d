/** The messages of a channel as an async iterable: each one is consumed when it is read. */
import { AsyncQueue } from '../../peer/async-queue.ts'
import type { Channel } from '../../peer/channel.ts'

/** Becomes the receiver of `channel`. The iteration ends, or throws, as the channel does. */
export function messagesOf(channel: Pick<Channel, 'receive' | 'consumed'>): AsyncQueue<Uint8Array> {
  const messages = new AsyncQueue<Uint8Array>((message) => channel.consumed(message.length))
  channel.receive({
    onMessage: (message) => messages.push(message),
    onEnd: (error) => messages.end(error),
  })
  return messages
}
