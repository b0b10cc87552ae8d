/**
 * COOKIE ECHO and COOKIE ACK (RFC 9260 sections 3.3.11 and 3.3.12), and the state cookie that they carry (section 5.1.3): what
 * the passive side would otherwise have to remember of an INIT, handed to the peer under an HMAC that only this side can make.
 *
 * +---------------+---------------+-------------------------------+
 * |   Type = 10   |     Flags     |            Length             |
 * +---------------+---------------+-------------------------------+
 * |                         State cookie                          |
 * +---------------------------------------------------------------+
 *
 * +---------------+---------------+-------------------------------+
 * |   Type = 11   |     Flags     |          Length = 4           |
 * +---------------+---------------+-------------------------------+
 *
 * cookie = [time in ms, as a double:8][local tag:4][peer tag:4][peer window:4][peer outgoing streams:2][incoming:2]
 *          [peer initial TSN:4][flags:1][HMAC-SHA256:32]
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Init } from './init-chunk.ts'
import { CHUNK_HEADER_BYTES, ChunkType, type ControlChunk, NO_VALUE } from './packet.ts'

const BODY_BYTES = 29
const MAC_BYTES = 32
const ZERO_CHECKSUM = 1
const RECONFIG = 2
/** Valid.Cookie.Life (RFC 9260 section 16). */
const COOKIE_LIFE_MS = 60_000

export function encodeCookieEcho(cookie: Uint8Array): ControlChunk {
  return { type: ChunkType.cookieEcho, flags: 0, value: cookie }
}

/** The cookie as it came, not yet checked. */
export function decodeCookieEcho(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return bytes.subarray(at + CHUNK_HEADER_BYTES, at + length)
}

export function encodeCookieAck(): ControlChunk {
  return { type: ChunkType.cookieAck, flags: 0, value: NO_VALUE }
}

/** Makes and checks the cookies of one association. */
export class CookieJar {
  readonly #key: Uint8Array
  readonly #localTag: number

  /** `key` has 32 unpredictable bytes. */
  constructor(key: Uint8Array, localTag: number) {
    this.#key = key
    this.#localTag = localTag
  }

  seal(peer: Init, nowMs: number): Buffer {
    const cookie = Buffer.alloc(BODY_BYTES + MAC_BYTES)
    cookie.writeDoubleBE(nowMs, 0)
    cookie.writeUInt32BE(this.#localTag, 8)
    cookie.writeUInt32BE(peer.tag, 12)
    cookie.writeUInt32BE(peer.windowBytes, 16)
    cookie.writeUInt16BE(peer.outgoingStreams, 20)
    cookie.writeUInt16BE(peer.incomingStreams, 22)
    cookie.writeUInt32BE(peer.initialTsn, 24)
    cookie[28] = (peer.zeroChecksum ? ZERO_CHECKSUM : 0) | (peer.reconfig ? RECONFIG : 0)
    cookie.set(this.#mac(cookie.subarray(0, BODY_BYTES)), BODY_BYTES)
    return cookie
  }

  /** What was sealed and how long ago; `stale` when that is too long, undefined when this side did not make the cookie. */
  open(cookie: Uint8Array, nowMs: number): { peer: Init; ageMs: number } | 'stale' | undefined {
    if (cookie.length !== BODY_BYTES + MAC_BYTES) return undefined
    const body = Buffer.from(cookie.subarray(0, BODY_BYTES))
    if (!timingSafeEqual(this.#mac(body), cookie.subarray(BODY_BYTES))) return undefined
    const ageMs = nowMs - body.readDoubleBE(0)
    return ageMs > COOKIE_LIFE_MS ? 'stale' : { peer: sealedInit(body), ageMs }
  }

  #mac(body: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(body).digest()
  }
}

function sealedInit(body: Buffer): Init {
  const flags = body.readUInt8(28)
  return {
    tag: body.readUInt32BE(12),
    windowBytes: body.readUInt32BE(16),
    outgoingStreams: body.readUInt16BE(20),
    incomingStreams: body.readUInt16BE(22),
    initialTsn: body.readUInt32BE(24),
    zeroChecksum: (flags & ZERO_CHECKSUM) !== 0,
    reconfig: (flags & RECONFIG) !== 0,
  }
}
