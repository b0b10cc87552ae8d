/** The transport library behind the seams of peer/: its attempts and channels as they are, its failures as ours. */
import type { Attempt, Channel, StartAttempt } from '../../peer/channel.ts'
import { asVoltdropError, VoltdropError } from '../../protocol/errors.ts'
import { makeStartAttempt, type TransportOptions } from '../../transport/webrtc-attempt.ts'
import { TransportError } from '../../transport/transport-error.ts'

export { preloadWerift } from '../../transport/webrtc-attempt.ts'

export type { TransportKind } from '../../transport/webrtc-attempt.ts'

/** Starts attempts over the data path that `options` names. */
export function startDataChannels(options: TransportOptions): StartAttempt {
  const start = makeStartAttempt(options)
  return (request) => translated(start(request))
}

/** The codes of the library are a subset of ours, so each keeps its name. */
function ours(error: unknown): VoltdropError {
  if (!(error instanceof TransportError)) return asVoltdropError(error)
  return new VoltdropError(error.code, error.detail, { cause: error })
}

function rethrow(error: unknown): never {
  throw ours(error)
}

function translated(attempt: Attempt): Attempt {
  const opened = attempt.opened.then(
    ({ channel, path }) => ({ channel: translatedChannel(channel), path }),
    rethrow,
  )
  // An attempt that is given up rejects although nobody waits for it any more.
  opened.catch(() => {})
  return {
    opened,
    offer: () => attempt.offer().catch(rethrow),
    answer: (offer) => attempt.answer(offer).catch(rethrow),
    accept: (answer) => attempt.accept(answer).catch(rethrow),
    addCandidate: (candidate) => attempt.addCandidate(candidate),
    close: () => attempt.close(),
  }
}

function translatedChannel(channel: Channel): Channel {
  return {
    send: (message) => channel.send(message).catch(rethrow),
    messages: translatedMessages(channel.messages),
    close: () => channel.close(),
  }
}

/** Not a generator: a reader that stops early must reach the library's own iterator while it waits. */
function translatedMessages(messages: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = messages[Symbol.asyncIterator]()
      return {
        next: () => iterator.next().catch(rethrow),
        return: () => iterator.return?.() ?? Promise.resolve({ done: true, value: undefined }),
      }
    },
  }
}
