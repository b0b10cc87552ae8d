/**
 * The transfer messages of PROTOCOL.md section 5: a closed union with one decoder at the door and an encoder each.
 * Every message is `[type:1][body]`; what passes `decodeFrame` has been checked and needs no second look at its shape.
 */
import * as z from 'zod/mini'
import { VoltdropError, isFailure } from '../errors.ts'
import type { Failure } from '../errors.ts'

/** The version of section 6. Both sides must name the same one. */
export const PROTOCOL_VERSION = 1

/** Most bytes of a file in one chunk: with its header and the record around it a chunk stays below 65,536 bytes. */
export const MAX_CHUNK_BYTES = 64_512

/** Least window an accept may grant, so that one chunk always fits and nobody waits for ever. */
export const MIN_WINDOW_BYTES = 65_536

/** Largest JSON body: as a record it stays below 65,536 bytes, and it bounds what is ever parsed. */
const MAX_JSON_BYTES = 60 * 1024

/** Longest relative path offered: more than any file system's component, far from a burden. */
const MAX_PATH_CHARACTERS = 1024

/** ECMAScript's range of time values (ECMA-262 section 21.4.1.1), in milliseconds around 1970. */
const MAX_TIME_MS = 8_640_000_000_000_000

const CHUNK_HEADER_BYTES = 17

const frameTypes = {
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

const size = z.int().check(z.nonnegative())
const crc32 = z.string().check(z.regex(/^[0-9a-f]{8}$/))
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/))
const failure = z.custom<Failure>(isFailure)
const capability = z.string().check(z.regex(/^[a-z0-9-]{1,32}$/))
const printable = z.string().check(z.regex(/^[\x20-\x7e]{1,64}$/))

const helloBody = z.strictObject({
  version: z.literal(PROTOCOL_VERSION),
  capabilities: z.array(capability).check(z.maxLength(32)),
  agent: printable,
})
const entryBody = z.strictObject({
  path: z.string().check(z.minLength(1), z.maxLength(MAX_PATH_CHARACTERS)),
  kind: z.literal('file'),
  size,
  mtime_ms: z.int().check(z.minimum(-MAX_TIME_MS), z.maximum(MAX_TIME_MS)),
})
const offerBody = z.strictObject({
  transfer: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
  entries: z.array(entryBody).check(z.minLength(1)),
  files: size,
  bytes: size,
})
const acceptBody = z.strictObject({
  window: z.int().check(z.minimum(MIN_WINDOW_BYTES)),
  have: z.array(size).check(z.minLength(1)),
})
const declineBody = z.strictObject({ reason: failure })
const endBody = z.strictObject({ entry: size, size, crc32, sha256 })
const savedBody = z.strictObject({ entry: size, crc32, sha256 })
const errorBody = z.strictObject({ code: failure })
const byeBody = z.strictObject({})

export type HelloBody = z.infer<typeof helloBody>
/** One file on offer. `path` is the peer's word: it names a file only after `safeName`. */
export type OfferedEntry = z.infer<typeof entryBody>
export type OfferBody = z.infer<typeof offerBody>
export type AcceptBody = z.infer<typeof acceptBody>
export type EndBody = z.infer<typeof endBody>
export type SavedBody = z.infer<typeof savedBody>

/** A piece of a file. `bytes` is a view into the message it came in. */
export type Chunk = {
  readonly entry: number
  readonly offset: number
  readonly crc32: number
  readonly bytes: Uint8Array
}

export type Frame =
  | ({ readonly type: 'hello' } & HelloBody)
  | ({ readonly type: 'offer' } & OfferBody)
  | ({ readonly type: 'accept' } & AcceptBody)
  | { readonly type: 'decline'; readonly reason: Failure }
  | ({ readonly type: 'chunk' } & Chunk)
  | { readonly type: 'received'; readonly bytes: number }
  | { readonly type: 'again'; readonly entry: number; readonly offset: number }
  | ({ readonly type: 'end' } & EndBody)
  | ({ readonly type: 'saved' } & SavedBody)
  | { readonly type: 'error'; readonly code: Failure }
  | { readonly type: 'bye' }

/**
 * The message's frame. Throws `broken_protocol` for anything outside PROTOCOL.md section 5, `bad_offer` for an offer
 * whose values are out of bounds or contradict each other, `incompatible` for a hello of another version.
 */
export function decodeFrame(message: Uint8Array): Frame {
  switch (message[0]) {
    case frameTypes.hello:
      return { type: 'hello', ...decodeHello(message) }
    case frameTypes.offer:
      return { type: 'offer', ...decodeOffer(message) }
    case frameTypes.accept:
      return { type: 'accept', ...checked(acceptBody, parseJson(message, 'accept'), 'accept') }
    case frameTypes.decline:
      return { type: 'decline', ...checked(declineBody, parseJson(message, 'decline'), 'decline') }
    case frameTypes.chunk:
      return { type: 'chunk', ...decodeChunk(message) }
    case frameTypes.received:
      return { type: 'received', ...decodeReceived(message) }
    case frameTypes.again:
      return { type: 'again', ...decodeAgain(message) }
    case frameTypes.end:
      return { type: 'end', ...checked(endBody, parseJson(message, 'end'), 'end') }
    case frameTypes.saved:
      return { type: 'saved', ...checked(savedBody, parseJson(message, 'saved'), 'saved') }
    case frameTypes.error:
      return { type: 'error', ...checked(errorBody, parseJson(message, 'error'), 'error') }
    case frameTypes.bye:
      return { type: 'bye', ...checked(byeBody, parseJson(message, 'bye'), 'bye') }
    default:
      throw new VoltdropError(
        'broken_protocol',
        message.length === 0 ? 'empty message' : 'unknown message type',
      )
  }
}

export function encodeHello(body: HelloBody): Uint8Array {
  return encodeJson('hello', body)
}

/** The version is looked at before the rest: a newer side may say more than we know. */
function decodeHello(message: Uint8Array): HelloBody {
  const body = parseJson(message, 'hello')
  const version = typeof body === 'object' && body !== null && 'version' in body ? body.version : undefined
  if (Number.isSafeInteger(version) && version !== PROTOCOL_VERSION) throw new VoltdropError('incompatible')
  return checked(helloBody, body, 'hello')
}

export function encodeOffer(body: OfferBody): Uint8Array {
  return encodeJson('offer', body)
}

function decodeOffer(message: Uint8Array): OfferBody {
  const offer = checked(offerBody, parseJson(message, 'offer'), 'offer', 'bad_offer')
  const bytes = offer.entries.reduce((sum, entry) => sum + entry.size, 0)
  if (offer.files !== offer.entries.length || offer.bytes !== bytes) {
    throw new VoltdropError('bad_offer', 'the totals contradict the entries')
  }
  return offer
}

export function encodeAccept(body: AcceptBody): Uint8Array {
  return encodeJson('accept', body)
}

export function encodeDecline(reason: Failure): Uint8Array {
  return encodeJson('decline', { reason })
}

export function encodeEnd(body: EndBody): Uint8Array {
  return encodeJson('end', body)
}

export function encodeSaved(body: SavedBody): Uint8Array {
  return encodeJson('saved', body)
}

export function encodeError(code: Failure): Uint8Array {
  return encodeJson('error', { code })
}

export function encodeBye(): Uint8Array {
  return encodeJson('bye', {})
}

/** `[5][entry:4][offset:8][crc32:4][bytes]`, 1 to 64,512 bytes. Copies `bytes`. */
export function encodeChunk(chunk: Chunk): Uint8Array {
  const message = new Uint8Array(CHUNK_HEADER_BYTES + chunk.bytes.length)
  const view = new DataView(message.buffer)
  view.setUint8(0, frameTypes.chunk)
  view.setUint32(1, chunk.entry)
  view.setBigUint64(5, BigInt(chunk.offset))
  view.setUint32(13, chunk.crc32)
  message.set(chunk.bytes, CHUNK_HEADER_BYTES)
  return message
}

/** `[5][entry:4][offset:8][crc32:4][bytes]`, 1 to 64,512 bytes. */
function decodeChunk(message: Uint8Array): Chunk {
  const length = message.length - CHUNK_HEADER_BYTES
  if (length < 1 || length > MAX_CHUNK_BYTES) throw malformed('chunk')
  const view = viewOf(message)
  return {
    entry: view.getUint32(1),
    offset: readSize(view, 5, 'chunk'),
    crc32: view.getUint32(13),
    bytes: message.subarray(CHUNK_HEADER_BYTES),
  }
}

/** `[6][bytes:8]` */
export function encodeReceived(bytes: number): Uint8Array {
  const message = new Uint8Array(9)
  const view = new DataView(message.buffer)
  view.setUint8(0, frameTypes.received)
  view.setBigUint64(1, BigInt(bytes))
  return message
}

/** `[6][bytes:8]` */
function decodeReceived(message: Uint8Array): { bytes: number } {
  if (message.length !== 9) throw malformed('received')
  return { bytes: readSize(viewOf(message), 1, 'received') }
}

/** `[7][entry:4][offset:8]` */
export function encodeAgain(entry: number, offset: number): Uint8Array {
  const message = new Uint8Array(13)
  const view = new DataView(message.buffer)
  view.setUint8(0, frameTypes.again)
  view.setUint32(1, entry)
  view.setBigUint64(5, BigInt(offset))
  return message
}

/** `[7][entry:4][offset:8]` */
function decodeAgain(message: Uint8Array): { entry: number; offset: number } {
  if (message.length !== 13) throw malformed('again')
  const view = viewOf(message)
  return { entry: view.getUint32(1), offset: readSize(view, 5, 'again') }
}

function encodeJson(type: keyof typeof frameTypes, body: object): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(body))
  if (json.length > MAX_JSON_BYTES) throw new VoltdropError('internal', `${type} is too long`)
  const message = new Uint8Array(1 + json.length)
  message[0] = frameTypes[type]
  message.set(json, 1)
  return message
}

function parseJson(message: Uint8Array, type: string): unknown {
  if (message.length > 1 + MAX_JSON_BYTES) throw malformed(type)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(message.subarray(1)))
  } catch {
    throw malformed(type) // without the cause: its message quotes the peer
  }
}

function checked<T>(
  schema: z.ZodMiniType<T>,
  body: unknown,
  type: string,
  code: Failure = 'broken_protocol',
): T {
  const result = schema.safeParse(body)
  if (!result.success) throw new VoltdropError(code, `malformed ${type}`)
  return result.data
}

/** An unsigned 64-bit number that also is a size: 0..2^53-1. */
function readSize(view: DataView, at: number, type: string): number {
  const value = Number(view.getBigUint64(at))
  if (!Number.isSafeInteger(value)) throw malformed(type)
  return value
}

function viewOf(message: Uint8Array): DataView {
  return new DataView(message.buffer, message.byteOffset, message.byteLength)
}

function malformed(type: string): VoltdropError {
  return new VoltdropError('broken_protocol', `malformed ${type}`)
}
