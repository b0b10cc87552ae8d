/**
 * The transfer messages of PROTOCOL.md section 5 as a closed union with one decoder. A message that passed `decodeFrame` has the
 * right shape and needs no second check of it.
 */
import { VoltdropError } from '../errors.ts'
import * as closing from './closing-frames.ts'
import * as data from './data-frames.ts'
import { FRAME_TYPES } from './frame-codec.ts'
import type { FrameType } from './frame-codec.ts'
import * as opening from './opening-frames.ts'

/** The body of each type of message. */
type FrameBodies = {
  hello: opening.HelloBody
  offer: opening.OfferBody
  accept: opening.AcceptBody
  decline: opening.DeclineBody
  chunk: data.ChunkBody
  received: data.ReceivedBody
  again: data.AgainBody
  end: closing.EndBody
  saved: closing.SavedBody
  error: closing.ErrorBody
  bye: closing.ByeBody
}

export type FrameOf<T extends FrameType> = { readonly type: T } & FrameBodies[T]

export type Frame = { [T in FrameType]: FrameOf<T> }[FrameType]

/** One handler for each of some types of message: a new type of message does not compile until every such table has it. */
export type FrameHandlers<T extends FrameType, R> = {
  readonly [Type in T]: (frame: FrameOf<Type>) => R
}

const decoders = {
  hello: opening.decodeHello,
  offer: opening.decodeOffer,
  accept: opening.decodeAccept,
  decline: opening.decodeDecline,
  chunk: data.decodeChunk,
  received: data.decodeReceived,
  again: data.decodeAgain,
  end: closing.decodeEnd,
  saved: closing.decodeSaved,
  error: closing.decodeError,
  bye: closing.decodeBye,
} as const satisfies { [T in FrameType]: (message: Uint8Array) => FrameBodies[T] }

/** The name of each type byte. */
const typesByByte = new Map(
  Object.entries(FRAME_TYPES).map(([type, byte]) => [byte as number, type as FrameType]),
)

/**
 * The frame in `message`.
 * @throws VoltdropError `bad_offer` for an offer whose values are out of range or contradict each other, `incompatible` for a hello of
 * another version, `broken_protocol` for everything else outside PROTOCOL.md section 5.
 */
export function decodeFrame(message: Uint8Array): Frame {
  const type = typesByByte.get(message[0] ?? -1)
  if (type === undefined) {
    throw new VoltdropError(
      'broken_protocol',
      message.length === 0 ? 'empty message' : 'unknown message type',
    )
  }
  return { type, ...decoders[type](message) } as Frame
}

/** Calls the handler of the frame's type. */
export function dispatchFrame<T extends FrameType, R>(frame: FrameOf<T>, handlers: FrameHandlers<T, R>): R {
  return handlers[frame.type](frame)
}
