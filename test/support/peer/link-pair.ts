/** Two links in memory without sealing, so that a test can read and change the messages of a transfer, or break the connection. */
import type { Link } from '../../../peer/link/link.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
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
  function cut(): void {
    for (const lane of [aToB, bToA]) lane.queue.end(new VoltdropError('interrupted'), { discard: true })
  }
  return { a: endOf(aToB, bToA), b: endOf(bToA, aToB), aToB, bToA, cut }
}

function endOf(outgoing: Lane, incoming: Lane): Link {
  let closed = false
  return {
    async send(message) {
      if (closed || outgoing.queue.ended) throw new VoltdropError('interrupted', 'the link is closed')
      outgoing.put(message)
      await outgoing.queue.room(outgoing.capacity)
    },
    messages: incoming.queue,
    peerGone: new Promise(() => {}),
    async close() {
      closed = true
      outgoing.queue.end()
      incoming.queue.end(undefined, { discard: true })
    },
    abort(error) {
      closed = true
      outgoing.queue.end(new VoltdropError('interrupted'))
      incoming.queue.end(error, { discard: true })
    },
  }
}
