/** The one adapter between the transport library and peer/: its attempts and channels unchanged, its errors as VoltdropErrors. */
import type { Attempt, Channel, StartAttempt } from '../../peer/channel.ts'
import { asVoltdropError, VoltdropError } from '../../protocol/errors.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { makeStartAttempt, type TransportOptions } from '../../transport/webrtc-attempt.ts'

export { preloadWerift } from '../../transport/webrtc-attempt.ts'

export type { TransportKind } from '../../transport/webrtc-attempt.ts'

/** How two Voltdrop agents name their data channel and recognize each other in a session description (PROTOCOL.md). */
const NAMES = { label: 'voltdrop', datagramAttribute: 'voltdrop-max-datagram' } as const

/** Starts attempts over the data path that `options` names. `trace` is called with each event of each connection. */
export function startDataChannels(options: Omit<TransportOptions, keyof typeof NAMES>): StartAttempt {
  const start = makeStartAttempt({ ...options, ...NAMES })
  return (request) => translatedAttempt(start(request))
}

/** The library's codes are a subset of Voltdrop's, so each keeps its name. */
function voltdropError(error: unknown): VoltdropError {
  if (!(error instanceof TransportError)) return asVoltdropError(error)
  return new VoltdropError(error.code, error.detail, { cause: error })
}

function rethrow(error: unknown): never {
  throw voltdropError(error)
}

/** `attempt` with translated errors. */
export function translatedAttempt(attempt: Attempt): Attempt {
  const opened = attempt.opened.then(
    ({ channel, path }) => ({ channel: translatedChannel(channel), path }),
    rethrow,
  )
  // An attempt that is given up rejects although nothing awaits it any more.
  opened.catch(() => {})
  return {
    opened,
    offer: () => attempt.offer().catch(rethrow),
    answer: (offer, place) => attempt.answer(offer, place).catch(rethrow),
    accept: (answer, place) => attempt.accept(answer, place).catch(rethrow),
    addCandidate: (candidate) => attempt.addCandidate(candidate),
    close: () => attempt.close(),
  }
}

function translatedChannel(channel: Channel): Channel {
  return {
    send: (message) => channel.send(message).catch(rethrow),
    receive: (receiver) =>
      channel.receive({
        onMessage: (message) => receiver.onMessage(message),
        onEnd: (error) => receiver.onEnd(error && voltdropError(error)),
      }),
    consumed: (bytes) => channel.consumed(bytes),
    close: () => channel.close(),
  }
}
