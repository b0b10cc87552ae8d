/** The messages that open a transfer: hello, offer, and accept or decline (PROTOCOL.md section 5). */
import * as z from 'zod/mini'
import { PROTOCOL_VERSION, capabilityNames } from '../compatibility.ts'
import { VoltdropError } from '../errors.ts'
import type { Failure } from '../errors.ts'
import { checkShape, decodeJson, encodeJson, failure, parseJsonBody, size } from './frame-codec.ts'
import { MAX_NAME_BYTES, MAX_OWN_NAME_LENGTH } from './safe-name.ts'

/** Smallest window an `accept` may grant: one chunk always fits, so no transfer can stall. */
const MIN_WINDOW_BYTES = 65_536

/** ECMAScript's range of time values (ECMA-262 section 21.4.1.1), in milliseconds before or after 1970. */
export const MAX_TIME_MS = 8_640_000_000_000_000

const helloBody = z.strictObject({
  version: z.literal(PROTOCOL_VERSION),
  capabilities: capabilityNames,
  agent: z.string().check(z.regex(/^[\x20-\x7e]{1,64}$/)),
})
const entryBody = z.strictObject({
  path: z.string().check(z.minLength(1), z.maxLength(MAX_NAME_BYTES)),
  own_name: z.optional(z.string().check(z.minLength(1), z.maxLength(MAX_OWN_NAME_LENGTH))),
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

export type HelloBody = z.infer<typeof helloBody>
/**
 * One file on offer. `path` is what the peer wrote: it may name a file only after `safeName`. `own_name` is what the file is called at
 * the sender, where that is not safe: only to be shown.
 */
export type OfferedEntry = z.infer<typeof entryBody>
/** Sizes in bytes; `files` and `bytes` are the totals over `entries`. */
export type OfferBody = z.infer<typeof offerBody>
/** `window`: bytes that may be in flight. `have`: bytes of each entry that the receiver already holds. */
export type AcceptBody = z.infer<typeof acceptBody>
export type DeclineBody = z.infer<typeof declineBody>

/** `[1]{"version":1,"capabilities":[...],"agent":"voltdrop/0.1.0"}` */
export function encodeHello(body: HelloBody): Uint8Array {
  return encodeJson('hello', body)
}

/**
 * `[1]{"version":1,"capabilities":[...],"agent":"voltdrop/0.1.0"}`
 * The version is checked first: the hello of a newer version may have other fields.
 */
export function decodeHello(message: Uint8Array): HelloBody {
  const body = parseJsonBody(message, 'hello')
  const version = typeof body === 'object' && body !== null && 'version' in body ? body.version : undefined
  if (Number.isSafeInteger(version) && version !== PROTOCOL_VERSION) throw new VoltdropError('incompatible')
  return checkShape(helloBody, body, 'hello')
}

/** `[2]{"transfer":"<32 hex>","entries":[{"path","kind":"file","size","mtime_ms"}],"files":1,"bytes":1234}` */
export function encodeOffer(body: OfferBody): Uint8Array {
  return encodeJson('offer', body)
}

/** `[2]{"transfer":"<32 hex>","entries":[{"path","kind":"file","size","mtime_ms"}],"files":1,"bytes":1234}` */
export function decodeOffer(message: Uint8Array): OfferBody {
  const offer = checkShape(offerBody, parseJsonBody(message, 'offer'), 'offer', 'bad_offer')
  const bytes = offer.entries.reduce((sum, entry) => sum + entry.size, 0)
  if (offer.files !== offer.entries.length || offer.bytes !== bytes) {
    throw new VoltdropError('bad_offer', 'the totals contradict the entries')
  }
  return offer
}

/** `[3]{"window":16777216,"have":[0]}` */
export function encodeAccept(body: AcceptBody): Uint8Array {
  return encodeJson('accept', body)
}

/** `[3]{"window":16777216,"have":[0]}` */
export function decodeAccept(message: Uint8Array): AcceptBody {
  return decodeJson(acceptBody, message, 'accept')
}

/** `[4]{"reason":"<code>"}` */
export function encodeDecline(reason: Failure): Uint8Array {
  return encodeJson('decline', { reason })
}

/** `[4]{"reason":"<code>"}` */
export function decodeDecline(message: Uint8Array): DeclineBody {
  return decodeJson(declineBody, message, 'decline')
}
