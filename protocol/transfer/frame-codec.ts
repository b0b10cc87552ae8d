/** What the codecs of all transfer messages share: `[type:1][body]`, where the body is JSON or a fixed layout (PROTOCOL.md section 5). */
import * as z from 'zod/mini'
import { VoltdropError, isFailure } from '../errors.ts'
import type { Failure } from '../errors.ts'

/** The type byte of each message. */
export const FRAME_TYPES = {
  hello: 1,
  offer: 2,
  accept: 3,
  decline: 4,
  chunk: 5,
  received: 6,
  again: 7,
  end: 8,
  saved: 9,
  error: 10,
  bye: 11,
} as const

export type FrameType = keyof typeof FRAME_TYPES

/** Largest JSON body: sealed, it stays below 65,536 bytes, and no longer text is ever parsed. */
const MAX_JSON_BYTES = 60 * 1024

/** A number of bytes, or the index of an entry: 0..2^53-1. */
export const size = z.int().check(z.nonnegative())
/** A CRC-32 as `formatCrc32` writes it. */
export const crc32Digits = z.string().check(z.regex(/^[0-9a-f]{8}$/))
export const sha256Digits = z.string().check(z.regex(/^[0-9a-f]{64}$/))
export const failure = z.custom<Failure>(isFailure)

/** `[type:1][UTF-8 JSON]` */
export function encodeJson(type: FrameType, body: object): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(body))
  if (json.length > MAX_JSON_BYTES) throw new VoltdropError('internal', `${type} is too long`)
  const message = new Uint8Array(1 + json.length)
  message[0] = FRAME_TYPES[type]
  message.set(json, 1)
  return message
}

/** `[type:1][UTF-8 JSON]`: the JSON value, whatever its shape. */
export function parseJsonBody(message: Uint8Array, type: FrameType): unknown {
  if (message.length > 1 + MAX_JSON_BYTES) throw malformed(type)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(message.subarray(1)))
  } catch {
    throw malformed(type) // without the cause, whose message quotes the peer
  }
}

/** `[type:1][UTF-8 JSON]`: the body, which must have the shape of `schema`. */
export function decodeJson<T>(schema: z.ZodMiniType<T>, message: Uint8Array, type: FrameType): T {
  return checkShape(schema, parseJsonBody(message, type), type)
}

/** `body` as `schema` reads it. @throws VoltdropError `code` for any other shape. */
export function checkShape<T>(
  schema: z.ZodMiniType<T>,
  body: unknown,
  type: FrameType,
  code: Failure = 'broken_protocol',
): T {
  const result = schema.safeParse(body)
  if (!result.success) throw new VoltdropError(code, `malformed ${type}`)
  return result.data
}

/** An unsigned 64-bit number that must also be a size: 0..2^53-1. */
export function readSize(view: DataView, at: number, type: FrameType): number {
  const value = Number(view.getBigUint64(at))
  if (!Number.isSafeInteger(value)) throw malformed(type)
  return value
}

export function viewOf(message: Uint8Array): DataView {
  return new DataView(message.buffer, message.byteOffset, message.byteLength)
}

export function malformed(type: FrameType): VoltdropError {
  return new VoltdropError('broken_protocol', `malformed ${type}`)
}
