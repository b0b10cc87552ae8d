/** The signals by which two agents open a data channel (PROTOCOL.md section 3): JSON, sent through the room only in sealed messages. */
import * as z from 'zod/mini'
import { parseJsonBytes } from '../parse-json.ts'
import { VoltdropError } from '../errors.ts'
import { SEALED_OVERHEAD_BYTES } from '../sealing.ts'
import { MAX_FRAME_BYTES } from './room.ts'
import { candidateText, sdpFault, sdpText } from './sdp.ts'

/** Attempts at a connection, counted from 0. */
export const MAX_CONNECTION_ATTEMPTS = 3

/** A sealed signal must fit into one frame of the room. */
export const MAX_SIGNAL_BYTES = MAX_FRAME_BYTES - SEALED_OVERHEAD_BYTES

const attempt = z.int().check(z.gte(0), z.lt(MAX_CONNECTION_ATTEMPTS))

/** Proves on which host its sender runs, to a peer on the same one: 32 bytes in hex. */
const host = z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/)))

const signalShape = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('offer'), attempt, sdp: sdpText, host }),
  z.strictObject({ type: z.literal('answer'), attempt, sdp: sdpText, host }),
  z.strictObject({
    type: z.literal('candidate'),
    attempt,
    candidate: candidateText,
    sdpMid: z.string().check(z.regex(/^[!-~]{1,16}$/)),
    sdpMLineIndex: z.int().check(z.gte(0), z.lte(15)),
  }),
  /** This side may use nothing but a relay and has none, so it makes no attempt. */
  z.strictObject({ type: z.literal('no-relay') }),
])

export type Signal = z.infer<typeof signalShape>

/** @throws VoltdropError `internal` when the room would refuse the signal. */
export function encodeSignal(signal: Signal): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(signal))
  if (bytes.length > MAX_SIGNAL_BYTES)
    throw new VoltdropError('internal', 'a signal is too long for the room')
  return bytes
}

/** @throws VoltdropError `broken_protocol` for everything outside the shapes and limits, and for SDP of anything but one data channel. */
export function parseSignal(bytes: Uint8Array): Signal {
  if (bytes.length > MAX_SIGNAL_BYTES) throw broken('it is too long')
  const parsed = signalShape.safeParse(parseJsonBytes(bytes))
  if (!parsed.success) throw broken('it is not understood')
  const fault = 'sdp' in parsed.data ? sdpFault(parsed.data.sdp) : undefined
  if (fault !== undefined) throw broken(fault)
  return parsed.data
}

function broken(detail: string): VoltdropError {
  return new VoltdropError('broken_protocol', `signal: ${detail}`)
}
