/** What two agents tell each other to open a data channel (PROTOCOL.md section 3): JSON that crosses the room only sealed. */
import * as z from 'zod/mini'
import { VoltdropError } from '../errors.ts'
import { MAX_FRAME_BYTES } from './room.ts'
import { SEALED_OVERHEAD_BYTES } from '../sealing.ts'

/** Attempts at a connection, counted from 0. */
export const MAX_ATTEMPTS = 3

/** A sealed signal must fit into one message of the room. */
export const MAX_SIGNAL_BYTES = MAX_FRAME_BYTES - SEALED_OVERHEAD_BYTES

/** Ten times what an agent with one data channel writes. */
const MAX_SDP_CHARACTERS = 12_000

const attempt = z.int().check(z.gte(0), z.lt(MAX_ATTEMPTS))
const sdp = z.string().check(z.maxLength(MAX_SDP_CHARACTERS))

const signalShape = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('offer'), attempt, sdp }),
  z.strictObject({ type: z.literal('answer'), attempt, sdp }),
  z.strictObject({
    type: z.literal('candidate'),
    attempt,
    // One line of printable ASCII (RFC 8839 section 5.1), so that it cannot become a second line of SDP.
    candidate: z.string().check(z.regex(/^candidate:[ -~]{1,500}$/)),
    sdpMid: z.string().check(z.regex(/^[!-~]{1,16}$/)),
    sdpMLineIndex: z.int().check(z.gte(0), z.lte(15)),
  }),
])

export type Signal = z.infer<typeof signalShape>

/** @throws VoltdropError `internal` when our own signal would be refused by the other side. */
export function encodeSignal(signal: Signal): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(signal))
  if (bytes.length > MAX_SIGNAL_BYTES)
    throw new VoltdropError('internal', 'a signal is too long for the room')
  return bytes
}

/** @throws VoltdropError `broken_protocol` for everything outside the shapes and limits, and for SDP that asks for more than one data channel. */
export function parseSignal(bytes: Uint8Array): Signal {
  if (bytes.length > MAX_SIGNAL_BYTES) throw broken('it is too long')
  const parsed = signalShape.safeParse(parseJson(bytes))
  if (!parsed.success) throw broken('it is not understood')
  if (parsed.data.type !== 'candidate') checkSdp(parsed.data.sdp)
  return parsed.data
}

/** Exactly one media section, a data channel's (RFC 8841), and certificates named by SHA-256 only (RFC 8122 section 5). */
function checkSdp(text: string): void {
  const lines = text.split(/\r\n|\r|\n/)
  const media = lines.filter((line) => line.startsWith('m='))
  if (media.length !== 1 || !media[0]?.startsWith('m=application ')) {
    throw broken('its SDP describes something else than one data channel')
  }
  const fingerprints = lines.filter((line) => line.toLowerCase().startsWith('a=fingerprint:'))
  const sha256 = /^a=fingerprint:sha-256 [0-9a-f]{2}(:[0-9a-f]{2}){31}$/i
  if (fingerprints.length === 0 || !fingerprints.every((line) => sha256.test(line))) {
    throw broken('its SDP names no SHA-256 fingerprint or names another kind')
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // What exactly is wrong with it helps nobody: undefined is refused by every shape.
    return undefined
  }
}

function broken(detail: string): VoltdropError {
  return new VoltdropError('broken_protocol', `signal: ${detail}`)
}
