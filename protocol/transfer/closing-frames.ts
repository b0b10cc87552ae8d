/** The messages that end a transfer: end, saved, bye, and error where it fails (PROTOCOL.md section 5). */
import * as z from 'zod/mini'
import type { Failure } from '../errors.ts'
import { crc32Digits, decodeJson, encodeJson, failure, sha256Digits, size } from './frame-codec.ts'

const endBody = z.strictObject({ entry: size, size, crc32: crc32Digits, sha256: sha256Digits })
const savedBody = z.strictObject({ entry: size, crc32: crc32Digits, sha256: sha256Digits })
const errorBody = z.strictObject({ code: failure })
const byeBody = z.strictObject({})

/** What the sender read: size in bytes, CRC-32 and SHA-256 of one entry. */
export type EndBody = z.infer<typeof endBody>
/** What the receiver computed from the bytes it wrote. */
export type SavedBody = z.infer<typeof savedBody>
export type ErrorBody = z.infer<typeof errorBody>
export type ByeBody = Record<never, unknown>

/** `[8]{"entry":0,"size":1234,"crc32":"xxxxxxxx","sha256":"<64 hex>"}` */
export function encodeEnd(body: EndBody): Uint8Array {
  return encodeJson('end', body)
}

/** `[8]{"entry":0,"size":1234,"crc32":"xxxxxxxx","sha256":"<64 hex>"}` */
export function decodeEnd(message: Uint8Array): EndBody {
  return decodeJson(endBody, message, 'end')
}

/** `[9]{"entry":0,"crc32":"xxxxxxxx","sha256":"<64 hex>"}` */
export function encodeSaved(body: SavedBody): Uint8Array {
  return encodeJson('saved', body)
}

/** `[9]{"entry":0,"crc32":"xxxxxxxx","sha256":"<64 hex>"}` */
export function decodeSaved(message: Uint8Array): SavedBody {
  return decodeJson(savedBody, message, 'saved')
}

/** `[10]{"code":"<code>"}` */
export function encodeError(code: Failure): Uint8Array {
  return encodeJson('error', { code })
}

/** `[10]{"code":"<code>"}` */
export function decodeError(message: Uint8Array): ErrorBody {
  return decodeJson(errorBody, message, 'error')
}

/** `[11]{}` */
export function encodeBye(): Uint8Array {
  return encodeJson('bye', {})
}

/** `[11]{}` */
export function decodeBye(message: Uint8Array): ByeBody {
  return decodeJson(byeBody, message, 'bye')
}
