/** The binary messages of a meeting as they cross the room (PROTOCOL.md section 3), and the associated data that CPace authenticates. */
import * as z from 'zod/mini'
import { CONFIRMATION_BYTES, SHARE_BYTES } from './cpace.ts'
import { parseJsonBytes } from '../parse-json.ts'
import { VoltdropError } from '../errors.ts'
import { PROTOCOL_VERSION, capabilityNames } from '../compatibility.ts'
import { MAX_FRAME_BYTES } from './room.ts'

/** Each side's half of the session identifier `sid`. */
export const SESSION_NONCE_BYTES = 16

/** Associated data is a few short names; anything longer is refused unread. */
const MAX_ASSOCIATED_BYTES = 1024

const TYPE = { join: 1, shareA: 2, shareB: 3, confirm: 4, sealed: 5 } as const

/** The type byte of sealed messages, which is also their associated data. */
export const SEALED_TYPE = TYPE.sealed

export type MeetingMessage =
  | { readonly type: 'join'; readonly nonce: Uint8Array }
  | {
      readonly type: 'share-a'
      readonly nonce: Uint8Array
      readonly share: Uint8Array
      readonly associated: Uint8Array
    }
  | {
      readonly type: 'share-b'
      readonly share: Uint8Array
      readonly associated: Uint8Array
      readonly tag: Uint8Array
    }
  | { readonly type: 'confirm'; readonly tag: Uint8Array }
  | { readonly type: 'sealed'; readonly record: Uint8Array }

/** `[1][version:1][nonce:16]` */
export function encodeJoin(nonce: Uint8Array): Uint8Array {
  return Uint8Array.of(TYPE.join, PROTOCOL_VERSION, ...nonce)
}

/** `[2][version:1][nonce:16][Ya:32][length:2][ADa:length]` */
export function encodeShareA(nonce: Uint8Array, share: Uint8Array, associated: Uint8Array): Uint8Array {
  return Uint8Array.of(TYPE.shareA, PROTOCOL_VERSION, ...nonce, ...share, ...withLength(associated))
}

/** `[2][version:1]`: the answer to a join of another version, which tells the other side why no share follows. */
export function encodeVersionRefusal(): Uint8Array {
  return Uint8Array.of(TYPE.shareA, PROTOCOL_VERSION)
}

/** `[3][Yb:32][length:2][ADb:length][Tb:64]` */
export function encodeShareB(share: Uint8Array, associated: Uint8Array, tag: Uint8Array): Uint8Array {
  return Uint8Array.of(TYPE.shareB, ...share, ...withLength(associated), ...tag)
}

/** `[4][Ta:64]` */
export function encodeConfirm(tag: Uint8Array): Uint8Array {
  return Uint8Array.of(TYPE.confirm, ...tag)
}

/**
 * Parses one message of the other seat.
 * @throws VoltdropError `incompatible` when a join or share A has another version, whatever follows the version; `broken_protocol` for
 * everything that is not exactly one of the layouts.
 */
export function parseMeetingMessage(bytes: Uint8Array): MeetingMessage {
  if (bytes.length > MAX_FRAME_BYTES) throw broken('it is too long')
  const reader = new Reader(bytes)
  const type = reader.byte()
  switch (type) {
    case TYPE.join:
      checkVersion(reader.byte())
      return reader.finish({ type: 'join', nonce: reader.take(SESSION_NONCE_BYTES) })
    case TYPE.shareA:
      checkVersion(reader.byte())
      return reader.finish({
        type: 'share-a',
        nonce: reader.take(SESSION_NONCE_BYTES),
        share: reader.take(SHARE_BYTES),
        associated: reader.takeWithLength(MAX_ASSOCIATED_BYTES),
      })
    case TYPE.shareB:
      return reader.finish({
        type: 'share-b',
        share: reader.take(SHARE_BYTES),
        associated: reader.takeWithLength(MAX_ASSOCIATED_BYTES),
        tag: reader.take(CONFIRMATION_BYTES),
      })
    case TYPE.confirm:
      return reader.finish({ type: 'confirm', tag: reader.take(CONFIRMATION_BYTES) })
    case TYPE.sealed:
      return { type: 'sealed', record: bytes }
    default:
      throw broken('its type is unknown')
  }
}

export type Role = 'sender' | 'receiver'

/** What each side says about itself. CPace authenticates it, so a downgrade by a third party is detected. */
export type AboutSelf = {
  readonly role: Role
  readonly version: number
  readonly capabilities: readonly string[]
}

const aboutSelfShape = z.strictObject({
  role: z.enum(['sender', 'receiver']),
  version: z.int().check(z.gte(0), z.lte(255)),
  capabilities: capabilityNames,
})

/** ADa or ADb. The bytes that are sent are authenticated; parsed data is never encoded again for that. */
export function encodeAboutSelf(about: AboutSelf): Uint8Array {
  const { role, version, capabilities } = about
  return new TextEncoder().encode(JSON.stringify({ role, version, capabilities }))
}

/**
 * Parses the other side's associated data. To be called after CPace has authenticated it.
 * @throws VoltdropError `wrong_code` when its role is not `expected` (this side's own data sent back), `incompatible`, `broken_protocol`.
 */
export function parseAboutSelf(bytes: Uint8Array, expected: Role): AboutSelf {
  const parsed = aboutSelfShape.safeParse(parseJsonBytes(bytes))
  if (!parsed.success) throw broken('its associated data is malformed')
  if (parsed.data.role !== expected) throw new VoltdropError('wrong_code')
  checkVersion(parsed.data.version)
  return parsed.data
}

function checkVersion(version: number): void {
  if (version !== PROTOCOL_VERSION) {
    throw new VoltdropError('incompatible', `this side has version ${PROTOCOL_VERSION}, the other ${version}`)
  }
}

function withLength(bytes: Uint8Array): Uint8Array {
  return Uint8Array.of(bytes.length >>> 8, bytes.length & 0xff, ...bytes)
}

function broken(detail: string): VoltdropError {
  return new VoltdropError('broken_protocol', `meeting message: ${detail}`)
}

/** Reads the fields of a message in order. A field that is missing and bytes that are left over are errors. */
class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  byte(): number {
    return this.take(1)[0] ?? 0
  }

  take(length: number): Uint8Array {
    if (this.#bytes.length - this.#at < length) throw broken('it is truncated')
    return this.#bytes.slice(this.#at, (this.#at += length))
  }

  takeWithLength(max: number): Uint8Array {
    const length = this.byte() * 256 + this.byte()
    if (length > max) throw broken('a field is too long')
    return this.take(length)
  }

  finish<T>(message: T): T {
    if (this.#at !== this.#bytes.length) throw broken('it is longer than its layout')
    return message
  }
}
