/** Seat tokens: 128 random bits that a client shows to take its seat again. The room stores and compares SHA-256 values only. */
import { offeredProtocols, TOKEN, tokenOfProtocols } from '../../protocol/meeting/room.ts'
import type { Claim, RoomState } from './room-state.ts'

const TOKEN_BYTES = 16

/** A new token in base64url and its SHA-256. */
export async function newToken(): Promise<{ token: string; hash: Uint8Array }> {
  const bits = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES))
  const token = btoa(String.fromCharCode(...bits))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
  return { token, hash: await hashToken(token) }
}

/** SHA-256 of the token's text. */
export async function hashToken(token: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)))
}

/** The token that an upgrade request shows: `undefined` when there is none, empty, which fits no seat, when it is malformed. */
export function offeredToken(headers: Headers): string | undefined {
  const authorization = headers.get('authorization')
  const inProtocol = tokenOfProtocols(offeredProtocols(headers.get('sec-websocket-protocol')))
  if (authorization === null && inProtocol === undefined) return undefined
  const token = authorization === null ? inProtocol : /^Bearer (.*)$/i.exec(authorization)?.[1]
  return token !== undefined && TOKEN.test(token) ? token : ''
}

/** Whose token a client shows, by its SHA-256; `undefined`: it shows none. */
export function claimOf(state: RoomState, shownHash: Uint8Array | undefined): Claim {
  if (shownHash === undefined) return 'none'
  if (sameBytes(shownHash, state.hostHash)) return 'host'
  return state.guestHash !== undefined && sameBytes(shownHash, state.guestHash) ? 'guest' : 'wrong'
}

/** Compares two SHA-256 values in constant time. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return crypto.subtle.timingSafeEqual(a, b)
}
