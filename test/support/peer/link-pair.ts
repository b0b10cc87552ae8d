/** Two links in memory without sealing, so that a test can read and change the messages of a transfer, or break the connection. */
import type { Link } from '../../../peer/link/link.ts'
import type { AsyncQueue } from '../../../peer/async-queue.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { messagesOf } from '../messages-of.ts'
import { Lane } from './channel-pair.ts'

export type LinkPair = {
  readonly a: Link
  readonly b: Link
  readonly aToB: Lane
  readonly bToA: Lane
  /** Both sides lose the connection now. */
  readonly cut: () => void
}

export function linkPair(): LinkPair {
  const aToB = new Lane()
  const bToA = new Lane()
  const [atA, atB] = [messagesOf(bToA), messagesOf(aToB)]
  function cut(): void {
    for (const ended of [aToB, bToA, atA, atB]) ended.end(new VoltdropError('interrupted'), { discard: true })
  }
  return { a: endOf(aToB, bToA, atA), b: endOf(bToA, aToB, atB), aToB, bToA, cut }
}

function endOf(outgoing: Lane, incoming: Lane, messages: AsyncQueue<Uint8Array>): Link {
  let closed = false
  return {
    async send(message) {
      if (closed || outgoing.ended) throw new VoltdropError('interrupted', 'the link is closed')
      outgoing.put(message)
      await outgoing.room()
    },
    messages,
    peerGone: new Promise(() => {}),
    async close() {
      closed = true
      outgoing.end()
      for (const ended of [incoming, messages]) ended.end(undefined, { discard: true })
    },
    abort(error) {
      closed = true
      outgoing.end(new VoltdropError('interrupted'))
      for (const ended of [incoming, messages]) ended.end(error, { discard: true })
    },
  }
}
