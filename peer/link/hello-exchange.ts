/** The first message of a link: each side's hello, or the reason why there is none. */
import { VoltdropError, asVoltdropError } from '../../protocol/errors.ts'
import { encodeError } from '../../protocol/transfer/closing-frames.ts'
import { decodeFrame } from '../../protocol/transfer/frames.ts'
import type { HelloBody } from '../../protocol/transfer/opening-frames.ts'
import type { Link } from './link.ts'

/**
 * Waits for the peer's hello. A peer of another version is told so, and the link is closed.
 * @throws VoltdropError `incompatible` for another version, the peer's own code when it reports an error, `broken_protocol` for any other
 * message, and what ends the link.
 */
export async function receiveHello(link: Link): Promise<HelloBody> {
  try {
    return await firstHello(link)
  } catch (error) {
    const failure = asVoltdropError(error)
    if (failure.code === 'incompatible') {
      link.send(encodeError('incompatible')).catch(() => {}) // closing comes after it and has its own deadline
      await link.close()
    }
    throw failure
  }
}

async function firstHello(link: Link): Promise<HelloBody> {
  const first = await link.messages[Symbol.asyncIterator]().next()
  if (first.done === true)
    throw new VoltdropError('interrupted', 'the other side left without sending anything')
  const frame = decodeFrame(first.value)
  if (frame.type === 'error') throw new VoltdropError(frame.code, 'at the other side', { isReported: true })
  if (frame.type !== 'hello') throw new VoltdropError('broken_protocol', `${frame.type} instead of hello`)
  const { version, capabilities, agent } = frame
  return { version, capabilities, agent }
}
